/**
 * The `Repository` in plain maps: the model that the other stores are tested against, and a store for tests and
 * demos. It is as plain as it can be. Everything is gone with its layer; a list costs a walk over its workspace.
 * A call runs in one synchronous piece, so no fiber and no interruption comes between the rule and its changes.
 */
import { createHmac, randomBytes } from "node:crypto"
import {
  type CampaignId,
  ConstraintViolated,
  coveringEntries,
  type EmailAddress,
  type Enrollment,
  erased,
  firstDue,
  Ids,
  isAddressEntry,
  isClaimable,
  isErased,
  type Lead,
  type LeadId,
  type Message,
  type MessageId,
  type MessageInContext,
  momentIn,
  noCounters,
  type Page,
  Repository,
  RepositoryError,
  type Rule,
  type Scope,
  type Snapshot,
  type SuppressionEntry,
  type SuppressionRecord,
  type Workspace,
  type WorkspaceId
} from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { applyChange, Refusal } from "./applyChange.ts"
import { emptyWorkspace, frozen, type State, type WorkspaceState, Writes } from "./State.ts"

/** An empty store. */
export const make = (): Repository["Service"] => {
  const state: State = new Map()
  const secret = randomBytes(32)
  const hashOf: HashOf = (workspaceId, key) =>
    createHmac("sha256", secret).update(`${workspaceId} ${key}`).digest("base64")
  const workspaceOf = (id: Scope["workspaceId"]): WorkspaceState => state.get(id) ?? emptyWorkspace()
  return {
    decide: <A, E>(scope: Scope, rule: Rule<A, E>) =>
      Effect.suspend((): Effect.Effect<A, E | RepositoryError> => {
        const workspace = workspaceOf(scope.workspaceId)
        const decision = rule(load(workspace, scope, hashOf))
        if (Result.isFailure(decision)) return Effect.fail(decision.failure)
        const writes = new Writes()
        try {
          for (const change of decision.success.changes)
            applyChange(scope.workspaceId, workspace, change, writes, hashOf)
        } catch (error) {
          writes.takeBack()
          if (!(error instanceof Refusal)) throw error
          const reason = new ConstraintViolated({ constraint: error.message })
          return Effect.fail(new RepositoryError({ operation: "decide", reason }))
        }
        if (decision.success.changes.length > 0) state.set(scope.workspaceId, workspace)
        return Effect.succeed(decision.success.answer)
      }),
    read: (scope) =>
      Effect.sync(() => {
        const snapshot = load(workspaceOf(scope.workspaceId), scope, hashOf)
        for (const lead of snapshot.leads.values()) frozen(lead)
        for (const enrollment of snapshot.enrollments.values()) frozen(enrollment)
        return snapshot
      }),
    workspacesDue: (at) =>
      Effect.sync(() =>
        [...state]
          .filter(([id, workspace]) => {
            const scope = { workspaceId: id, due: { at, limit: 1 } }
            const isLive = workspaceIn(workspace, id)?.testClock === null
            return isLive && messagesOf(workspace, scope).size > 0
          })
          .map(([id]) => id)
          .sort(byCodePoint)
      ),
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
        const leads = enrolled === null ? rest : rest.filter(({ id }) => enrolled?.has(id) === true)
        const page = cut(
          leads.filter((lead) => !isErased(lead)),
          ({ id }) => id,
          limit
        )
        return frozen(page)
      }),
    suppressions: ({ after, limit, workspaceId }) =>
      Effect.sync(() =>
        pageOf([...workspaceOf(workspaceId).suppressions.values()], ({ entry }) => entry, after, limit)
      ),
    events: ({ after, limit, workspaceId }) =>
      Effect.sync(() => {
        const rest = [...workspaceOf(workspaceId).events.values()].slice(after ?? 0)
        return cut(rest, ({ sequence }) => sequence, limit)
      })
  }
}

/** Provides an empty store to what it is given to. */
export const layer: Layer.Layer<Repository> = Layer.sync(Repository, make)

/** The hash by which an erased address is known (ER-1); each store has a secret of its own. */
type HashOf = (workspaceId: WorkspaceId, key: EmailAddress.EmailKey) => string

const load = (workspace: WorkspaceState, scope: Scope, hashOf: HashOf): Snapshot => {
  const { campaignId, workspaceId } = scope
  const named = <V>(map: ReadonlyMap<CampaignId, V>): V | undefined =>
    campaignId === undefined ? undefined : map.get(campaignId)
  const inCampaign = named(workspace.enrollments)
  const leads = new Map<EmailAddress.EmailKey, Lead>()
  const enrolled = new Set<EmailAddress.EmailKey>()
  const enrollments = new Map<EmailAddress.EmailKey, Enrollment>()
  const history = new Map<EmailAddress.EmailKey, ReadonlyArray<Message>>()
  for (const key of [...(scope.addresses ?? []), ...keysOf(workspace, scope.leadIds ?? [])]) {
    const id = workspace.ids.get(key)
    const lead = id === undefined ? undefined : workspace.leads.get(id)
    if (lead === undefined) continue
    leads.set(key, lead)
    const enrollment = inCampaign?.get(lead.id)
    if (enrollment === undefined) continue
    enrolled.add(key)
    if (scope.history !== true) continue
    enrollments.set(key, enrollment)
    history.set(key, historyOf(workspaceId, workspace, enrollment))
  }
  const messages = messagesOf(workspace, scope)
  return {
    workspace: workspaceIn(workspace, workspaceId),
    campaign: named(workspace.campaigns) ?? null,
    counters: named(workspace.counters) ?? noCounters,
    leads,
    enrolled,
    enrollments,
    history,
    messages,
    suppressions: suppressionsOf(workspace, scope, messages, hashOf),
    suppressionTotal: workspace.suppressions.size + workspace.erased.size,
    idempotency: workspace.idempotency.get(scope.idempotency?.key ?? "") ?? null
  }
}

const workspaceIn = ({ workspace }: WorkspaceState, id: WorkspaceId): Workspace | null =>
  workspace.get(id) ?? null

const keysOf = (
  { leads }: WorkspaceState,
  ids: ReadonlyArray<LeadId>
): ReadonlyArray<EmailAddress.EmailKey> =>
  ids.flatMap((id) => {
    const lead = leads.get(id)
    return lead === undefined || isErased(lead) ? [] : [lead.key]
  })

const suppressionsOf = (
  workspace: WorkspaceState,
  { covers = [], suppressions = [], workspaceId }: Scope,
  messages: ReadonlyMap<MessageId, MessageInContext>,
  hashOf: HashOf
): ReadonlyMap<SuppressionEntry, SuppressionRecord> => {
  const found = new Map<SuppressionEntry, SuppressionRecord>()
  if (workspace.suppressions.size + workspace.erased.size === 0) return found
  const addressed = [...covers, ...Array.from(messages.values(), ({ lead }) => lead.key)]
  for (const entry of [...suppressions, ...coveringEntries(addressed)]) {
    const suppression = workspace.suppressions.get(entry)
    if (suppression !== undefined) found.set(entry, suppression)
    if (workspace.erased.size === 0 || !isAddressEntry(entry)) continue
    const suppressedAt = workspace.erased.get(hashOf(workspaceId, entry))
    if (suppressedAt !== undefined) found.set(entry, { entry, reason: erased, suppressedAt })
  }
  return found
}

const historyOf = (
  workspaceId: WorkspaceId,
  { messages }: WorkspaceState,
  { campaignId, leadId, position }: Enrollment
): ReadonlyArray<Message> => {
  const history: Array<Message> = []
  for (let step = 0; step <= position; step++) {
    const message = messages.get(Ids.messageId(workspaceId, campaignId, leadId, step))
    if (message !== undefined) history.push(message)
  }
  return history
}

/** The messages that a scope names or that are due, in the order of their due times. */
const messagesOf = (
  workspace: WorkspaceState,
  { due, messages = [], workspaceId }: Scope
): ReadonlyMap<MessageId, MessageInContext> => {
  if (due === undefined && messages.length === 0) return new Map()
  const found: Array<MessageInContext> = []
  const place = new Map([...workspace.leads.values()].map(({ id }, index) => [id, index]))
  for (const id of messages) {
    const message = workspace.messages.get(id)
    if (message !== undefined) found.push(inContext(workspace, message))
  }
  if (due !== undefined) {
    const moment = momentIn({ workspace: workspaceIn(workspace, workspaceId) }, due.at)
    const claimable = [...workspace.messages.values()]
      .map((message) => inContext(workspace, message))
      .filter((each) => isClaimable(each, moment))
    found.push(...firstDue(claimable.sort(byDue(place)), due))
  }
  return new Map(found.sort(byDue(place)).map((each) => [each.message.id, each]))
}

/** The oldest due first; of one time by campaign, and within it by lead, in the order in which they were made. */
const byDue =
  (place: ReadonlyMap<LeadId, number>) =>
  (a: MessageInContext, b: MessageInContext): number =>
    a.message.dueAt - b.message.dueAt ||
    byCodePoint(a.campaign.id, b.campaign.id) ||
    (place.get(a.lead.id) ?? 0) - (place.get(b.lead.id) ?? 0) ||
    a.message.step - b.message.step

const inContext = (workspace: WorkspaceState, message: Message): MessageInContext => {
  const { campaignId, leadId } = message
  const lead = workspace.leads.get(leadId)
  const campaign = workspace.campaigns.get(campaignId)
  const enrollment = workspace.enrollments.get(campaignId)?.get(leadId)
  if (lead === undefined || campaign === undefined || enrollment === undefined)
    throw new Error("a message belongs to an enrolment")
  return { message, campaign, lead: frozen(lead), enrollment: frozen(enrollment) }
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

const cut = <A, Cursor>(
  rest: ReadonlyArray<A>,
  nameOf: (item: A) => Cursor,
  limit: number
): Page<A, Cursor> => {
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
