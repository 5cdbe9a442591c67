/**
 * The operations of the port on a pool. A decision takes hold of its workspace first, and gives it
 * free when it commits. It is rolled back and the pure rule runs again when another decision has made
 * its workspace meanwhile, and when the server asks for it. A read holds nothing, and is one snapshot
 * of the database.
 */
import {
  type Change,
  emptySnapshot,
  Ids,
  liveWorkspace,
  type Page,
  type PageRequest,
  type Repository,
  RepositoryError,
  type Rule,
  type Scope,
  StoreBusy,
  type WorkspaceId
} from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import { Writes } from "./applyChanges.ts"
import { findCampaigns, pageOfCampaigns } from "./campaigns.ts"
import { pageOfEvents } from "./events.ts"
import { isConflict } from "./failure.ts"
import { LeadBatches } from "./leadBatches.ts"
import { leadExists, pageOfCampaignLeads, pageOfLeads } from "./leads.ts"
import { type Loaded, Loading, leadsOf, nothingLoaded } from "./loadSnapshot.ts"
import type { Session } from "./Session.ts"
import { workspacesDue } from "./sending.ts"
import { pageOfSuppressions } from "./suppressions.ts"
import { all, attempt, type Connections, transaction } from "./transaction.ts"
import { createWorkspace, findWorkspace, holdWorkspace } from "./workspaces.ts"

const beginDecision = "BEGIN ISOLATION LEVEL READ COMMITTED"
const beginRead = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

/** How often a decision that has met another is begun anew: none of ours do, but who else writes to the tables may. */
const maxConflicts = 10

/** How one try at a decision ends: with what it gives, or to be begun anew. */
type Try<A, E> = { readonly done: Result.Result<A, E> } | { readonly again: "NewWorkspace" | "Conflict" }

export const repositoryOn = (connections: Connections): Repository["Service"] => {
  const load = (session: Session, scope: Scope, find: typeof findWorkspace) => {
    const batches = new LeadBatches(session, scope.workspaceId)
    return new Loading(session, batches, scope).load(() => find(session, scope.workspaceId))
  }

  const tryDecision = async <A, E>(
    scope: Scope,
    rule: Rule<A, E>,
    signal: AbortSignal
  ): Promise<Try<A, E>> => {
    const { workspaceId } = scope
    return transaction<Try<A, E>>(connections, signal, beginDecision, workspaceId, async (session) => {
      const loaded = await load(session, scope, holdWorkspace)
      const decided = rule(loaded?.snapshot ?? emptySnapshot)
      if (Result.isFailure(decided)) return { commits: false, value: { done: Result.fail(decided.failure) } }
      const { answer, changes } = decided.success
      const done = { done: Result.succeed(answer) }
      if (changes.length === 0) return { commits: loaded !== undefined, value: done }
      const held = loaded ?? (await begin(session, workspaceId, changes))
      if (held === undefined) return { commits: false, value: { again: "NewWorkspace" } }
      const isCreated = loaded === undefined && changes[0]?._tag === "WorkspaceCreated"
      await new Writes(session, workspaceId, held).applyAll(isCreated ? changes.slice(1) : changes)
      return { commits: true, value: done }
    }).catch((error: unknown): Try<A, E> => {
      if (isConflict(error)) return { again: "Conflict" }
      throw error
    })
  }

  /** Makes the workspace of a decision on an empty snapshot. Undefined when another one has made it. */
  const begin = async (
    session: Session,
    workspaceId: WorkspaceId,
    [first]: ReadonlyArray<Change>
  ): Promise<Loaded | undefined> => {
    const created = first?._tag === "WorkspaceCreated" ? first.workspace : liveWorkspace
    const row = await createWorkspace(session, workspaceId, created)
    return row === undefined ? undefined : nothingLoaded(row, new LeadBatches(session, workspaceId))
  }

  const decide = Effect.fnUntraced(function* <A, E>(scope: Scope, rule: Rule<A, E>) {
    for (let conflicts = 0; ; ) {
      const tried: Try<A, E> = yield* attempt("decide", (signal) => tryDecision(scope, rule, signal))
      if ("done" in tried) return yield* Effect.fromResult(tried.done)
      if (tried.again === "NewWorkspace") continue
      conflicts += 1
      if (conflicts > maxConflicts)
        return yield* new RepositoryError({ operation: "decide", reason: new StoreBusy() })
      yield* Effect.sleep(`${Math.ceil((yield* Random.next) * 2 ** Math.min(conflicts, 6))} millis`)
    }
  })

  const reading = <A>(
    operation: string,
    workspace: WorkspaceId | typeof all,
    load: (session: Session) => Promise<A>
  ): Effect.Effect<A, RepositoryError> =>
    attempt(operation, (signal) =>
      transaction(connections, signal, beginRead, workspace, async (session) => ({
        commits: true,
        value: await load(session)
      }))
    ).pipe(Effect.withSpan(`PostgresRepository.${operation}`))

  /** Loads one item more than the page holds, to know whether another page follows. */
  const page = <A, Cursor>(
    operation: string,
    { limit, workspaceId }: PageRequest<Cursor>,
    nameOf: (item: A) => Cursor,
    load: (session: Session, limit: number) => Promise<ReadonlyArray<A>>
  ): Effect.Effect<Page<A, Cursor>, RepositoryError> =>
    reading(operation, workspaceId, async (session) => {
      const found = await load(session, limit + 1)
      const items = found.slice(0, limit)
      const last = items.at(-1)
      return { items, next: last === undefined || found.length <= limit ? null : nameOf(last) }
    })

  return {
    decide: (scope, rule) => decide(scope, rule).pipe(Effect.withSpan("PostgresRepository.decide")),
    read: (scope) =>
      reading("read", scope.workspaceId, async (session) => {
        const loaded = await load(session, scope, findWorkspace)
        return loaded?.snapshot ?? emptySnapshot
      }),
    workspacesDue: (at) =>
      reading("workspacesDue", all, async (session) =>
        (await session.rows(workspacesDue, at)).map(({ workspace }) => workspace)
      ),
    campaigns: (request) =>
      page(
        "campaigns",
        request,
        ({ id }) => id,
        (session, limit) => pageOfCampaigns(session, request.workspaceId, request.after ?? "", limit)
      ),
    leads: (request) =>
      page(
        "leads",
        request,
        ({ id }) => id,
        async (session, limit) => {
          const { after, campaignId, workspaceId } = request
          const batches = new LeadBatches(session, workspaceId)
          const from = after === null ? 0 : await numberOfLead(after)
          if (from === undefined) return []
          if (campaignId === null)
            return leadsOf(batches, await session.rows(pageOfLeads, workspaceId, from, limit))
          const [campaign] = await findCampaigns(session, workspaceId, [campaignId])
          if (campaign === undefined) return []
          const rows = await session.rows(pageOfCampaignLeads, workspaceId, from, limit, campaign.number)
          return leadsOf(batches, rows)

          /** Numbers count from 1; a cursor that names no lead of the workspace has nothing after it. */
          async function numberOfLead(cursor: string): Promise<number | undefined> {
            const id = Ids.storedLeadId(cursor)
            if (Ids.leadPlace(id) === undefined) return undefined
            await batches.meetIds([id])
            const number = batches.numberOf(id)
            const found =
              number === undefined ? undefined : await session.first(leadExists, workspaceId, number)
            return found?.lead
          }
        }
      ),
    suppressions: (request) =>
      page(
        "suppressions",
        request,
        ({ entry }) => entry,
        (session, limit) => session.rows(pageOfSuppressions, request.workspaceId, request.after ?? "", limit)
      ),
    events: (request) =>
      page(
        "events",
        request,
        ({ sequence }) => sequence,
        (session, limit) => pageOfEvents(session, request.workspaceId, request.after ?? 0, limit)
      )
  }
}
