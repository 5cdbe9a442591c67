/**
 * The operations of the port on an open database. Each is one synchronous transaction inside one effect, so that
 * no fiber comes between the snapshot and the changes, and an interruption takes effect before or after,
 * never in the middle. A decision takes the write lock first (`BEGIN IMMEDIATE`); reads take none.
 */
import {
  type Change,
  Ids,
  type Page,
  type PageRequest,
  type Repository,
  type RepositoryError,
  type Rule,
  type Scope
} from "@leadterra/core"
import type { Database } from "better-sqlite3"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { applyChanges } from "./applyChanges.ts"
import type { Checkpointer } from "./Checkpointer.ts"
import type { Cleaner } from "./Cleaner.ts"
import { repositoryError } from "./failure.ts"
import { loadSnapshot } from "./loadSnapshot.ts"
import { prepareStatements } from "./Statements.ts"
import { versionCheck } from "./schemaVersion.ts"

/** The threads of a store on a file. */
export interface Threads {
  readonly checkpointer?: Checkpointer | undefined
  readonly cleaner?: Cleaner | undefined
}

export const repositoryOn = (
  db: Database,
  { checkpointer, cleaner }: Threads = {}
): Repository["Service"] => {
  const statements = prepareStatements(db)
  const checkVersion = versionCheck(db)
  const { campaigns, events, leads, sending, suppressions, workspaces } = statements

  /**
   * Runs one piece. An error of anything but the store, such as a rule that throws, is a defect.
   */
  const attempt = <A, E>(
    operation: string,
    piece: () => Effect.Effect<A, E>
  ): Effect.Effect<A, E | RepositoryError> =>
    Effect.suspend((): Effect.Effect<A, E | RepositoryError> => {
      try {
        return piece()
      } catch (error) {
        statements.leadRows.forget()
        return Effect.fail(repositoryError(operation, error))
      }
    }).pipe(Effect.withSpan(`SqliteRepository.${operation}`))

  const reading = <A>(operation: string, load: () => A): Effect.Effect<A, RepositoryError> =>
    attempt(operation, () => Effect.succeed(inTransaction(load).deferred()))

  const inTransaction = <A>(piece: () => A) =>
    db.transaction(() => {
      checkVersion()
      statements.leadRows.begin()
      return piece()
    })

  /**
   * A decision waits for a running cleaning, and an erasure for its own. Neither blocks the event
   * loop.
   */
  const decide = <A, E>(scope: Scope, rule: Rule<A, E>): Effect.Effect<A, E | RepositoryError> =>
    attempt("decide", (): Effect.Effect<A, E | RepositoryError> => {
      const underWay = cleaner?.underWay
      if (underWay !== undefined) {
        const ended = Effect.promise(() => underWay)
        // A store that was closed meanwhile takes no more calls.
        return Effect.flatMap(ended, () => (db.open ? decide(scope, rule) : Effect.interrupt))
      }
      let erases = false
      let writes = false
      const decided = inTransaction(() => {
        const loaded = loadSnapshot(statements, scope)
        // A rule that fails ends a transaction that has written nothing.
        return Result.map(rule(loaded.snapshot), ({ answer, changes }) => {
          applyChanges(statements, scope, loaded, changes)
          erases = changes.some(isErasure)
          writes = changes.length > 0
          return answer
        })
      }).immediate()
      const answered = Effect.fromResult(decided)
      if (erases && cleaner !== undefined) return Effect.andThen(cleaned(cleaner.clean()), answered)
      if (writes) checkpointer?.afterCommit()
      return answered
    })

  /** Loads one item more than the page holds, to know whether another page follows. */
  const page = <A, Cursor>(
    operation: string,
    { limit, workspaceId }: PageRequest<Cursor>,
    nameOf: (item: A) => Cursor,
    load: (workspace: number, limit: number) => ReadonlyArray<A>
  ): Effect.Effect<Page<A, Cursor>, RepositoryError> =>
    reading(operation, () => {
      const workspace = workspaces.find(workspaceId)
      const found = workspace === undefined ? [] : load(workspace.id, limit + 1)
      const items = found.slice(0, limit)
      const last = items.at(-1)
      return { items, next: last === undefined || found.length <= limit ? null : nameOf(last) }
    })

  return {
    decide,
    read: (scope) => reading("read", () => loadSnapshot(statements, scope).snapshot),
    workspacesDue: (at) => reading("workspacesDue", () => sending.workspacesDue(at)),
    campaigns: (request) =>
      page(
        "campaigns",
        request,
        ({ id }) => id,
        (workspace, limit) => campaigns.page(workspace, request.workspaceId, request.after ?? "", limit)
      ),
    leads: (request) =>
      page(
        "leads",
        request,
        ({ id }) => id,
        (workspace, limit) => {
          const { after, campaignId } = request
          // Rows count from 1; a cursor that names no lead of the workspace has nothing after it.
          const row = after === null ? 0 : leads.rowOfId(workspace, Ids.storedLeadId(after))
          if (row === undefined) return []
          if (campaignId === null) return leads.page(workspace, row, limit)
          const campaign = campaigns.rowOf(workspace, campaignId)
          return campaign === undefined ? [] : leads.campaignPage(campaign, row, limit)
        }
      ),
    suppressions: (request) =>
      page(
        "suppressions",
        request,
        ({ entry }) => entry,
        (workspace, limit) => suppressions.page(workspace, request.after ?? "", limit)
      ),
    events: (request) =>
      page(
        "events",
        request,
        ({ sequence }) => sequence,
        (workspace, limit) => events.page(workspace, request.workspaceId, request.after ?? 0, limit)
      )
  }
}

/** Waits for a cleaning to its end: an interruption takes effect when the file is clean. */
const cleaned = (work: Promise<void>): Effect.Effect<void, RepositoryError> =>
  Effect.tryPromise({ try: () => work, catch: (error) => error }).pipe(
    Effect.catch((error) => Effect.suspend(() => Effect.fail(repositoryError("decide", error)))),
    Effect.uninterruptible
  )

const isErasure = ({ _tag }: Change): boolean => _tag === "AddressesForgotten"
