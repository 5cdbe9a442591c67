/**
 * The `Repository` in plain maps: the model that the other stores are tested against, and a store for tests and
 * demos. It is as plain as it can be. Everything is gone with its layer; a list costs a walk over its workspace.
 * A call runs in one synchronous piece, so no fiber and no interruption comes between the rule and its changes.
 */
import {
  type CampaignId,
  ConstraintViolated,
  type EmailAddress,
  type Enrollment,
  type Lead,
  noCounters,
  type Page,
  type PendingMessage,
  Repository,
  RepositoryError,
  type Rule,
  type Scope,
  type Snapshot,
  type SuppressionEntry,
  type SuppressionRecord
} from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { applyChange, Refusal } from "./applyChange.ts"
import { emptyWorkspace, type State, type WorkspaceState, Writes } from "./State.ts"

/** An empty store. */
export const make = (): Repository["Service"] => {
  const state: State = new Map()
  const workspaceOf = (id: Scope["workspaceId"]): WorkspaceState => state.get(id) ?? emptyWorkspace()
  return {
    decide: <A, E>(scope: Scope, rule: Rule<A, E>) =>
      Effect.suspend((): Effect.Effect<A, E | RepositoryError> => {
        const workspace = workspaceOf(scope.workspaceId)
        const decision = rule(load(workspace, scope))
        if (Result.isFailure(decision)) return Effect.fail(decision.failure)
        const writes = new Writes()
        try {
          for (const change of decision.success.changes)
            applyChange(scope.workspaceId, workspace, change, writes)
        } catch (error) {
          writes.takeBack()
          if (!(error instanceof Refusal)) throw error
          const reason = new ConstraintViolated({ constraint: error.message })
          return Effect.fail(new RepositoryError({ operation: "decide", reason }))
        }
        state.set(scope.workspaceId, workspace)
        return Effect.succeed(decision.success.answer)
      }),
    read: (scope) => Effect.sync(() => load(workspaceOf(scope.workspaceId), scope)),
    campaigns: ({ after, limit, workspaceId }) =>
      Effect.sync(() => {
        return pageOf([...workspaceOf(workspaceId).campaigns.values()], ({ id }) => id, after, limit)
      }),
    leads: ({ after, campaignId, limit, workspaceId }) =>
      Effect.sync(() => {
        const workspace = workspaceOf(workspaceId)
        const enrolled = campaignId === null ? null : workspace.enrollments.get(campaignId)
        const all = [...workspace.leads.values()]
        const from = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1
        const rest = after !== null && from === 0 ? [] : all.slice(from)
        const leads = enrolled === null ? rest : rest.filter(({ key }) => enrolled?.has(key) === true)
        return cut(leads, ({ id }) => id, limit)
      }),
    suppressions: ({ after, limit, workspaceId }) =>
      Effect.sync(() =>
        pageOf([...workspaceOf(workspaceId).suppressions.values()], ({ entry }) => entry, after, limit)
      )
  }
}

/** Provides an empty store to what it is given to. */
export const layer: Layer.Layer<Repository> = Layer.sync(Repository, make)

const load = (workspace: WorkspaceState, scope: Scope): Snapshot => {
  const campaignId = scope.campaignId
  const named = <V>(map: ReadonlyMap<CampaignId, V>): V | undefined =>
    campaignId === undefined ? undefined : map.get(campaignId)
  const inCampaign = named(workspace.enrollments)
  const queued = scope.pending === true ? named(workspace.pending) : undefined
  const leads = new Map<EmailAddress.EmailKey, Lead>()
  const enrollments = new Map<EmailAddress.EmailKey, Enrollment>()
  const pending = new Map<EmailAddress.EmailKey, PendingMessage>()
  for (const key of scope.addresses ?? []) {
    const lead = workspace.leads.get(key)
    if (lead === undefined) continue
    leads.set(key, lead)
    const enrollment = inCampaign?.get(key)
    if (enrollment !== undefined) enrollments.set(key, enrollment)
    const message = queued?.get(key)
    if (message !== undefined) pending.set(key, message)
  }
  const suppressions = new Map<SuppressionEntry, SuppressionRecord>()
  for (const entry of workspace.suppressions.size === 0 ? [] : (scope.suppressions ?? [])) {
    const suppression = workspace.suppressions.get(entry)
    if (suppression !== undefined) suppressions.set(entry, suppression)
  }
  return {
    campaign: named(workspace.campaigns) ?? null,
    counters: named(workspace.counters) ?? noCounters,
    leads,
    enrollments,
    pending,
    suppressions,
    suppressionTotal: workspace.suppressions.size
  }
}

const pageOf = <A>(
  all: ReadonlyArray<A>,
  nameOf: (item: A) => string,
  after: string | null,
  limit: number
): Page<A> => {
  const rest = after === null ? all : all.filter((item) => byCodePoint(nameOf(item), after) > 0)
  return cut(
    rest.toSorted((a, b) => byCodePoint(nameOf(a), nameOf(b))),
    nameOf,
    limit
  )
}

const cut = <A>(rest: ReadonlyArray<A>, nameOf: (item: A) => string, limit: number): Page<A> => {
  const items = rest.slice(0, limit)
  const last = items.at(-1)
  return { items, next: last === undefined || rest.length <= limit ? null : nameOf(last) }
}

/** The order of UTF-8 bytes, in which a database sorts: a surrogate comes after the rest of its plane. */
const byCodePoint = (a: string, b: string): number => {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const difference = rank(a.charCodeAt(i)) - rank(b.charCodeAt(i))
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

const rank = (unit: number): number => (unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit)
