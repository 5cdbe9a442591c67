/**
 * The port: all that a store must offer. There is one way to change state, `decide`, shaped like `Ref.modify`:
 * load the snapshot that a scope names, run the pure rule, store its changes, all in one atomic step. No rule
 * lives in a store and no transaction leaves it; a store that must retry just runs the rule again.
 *
 * A store guarantees: a decision lands whole or not at all, also under interruption; a rule that fails changes
 * nothing and its error comes out as it is; one lead per workspace and key, one enrolment per campaign and lead,
 * one message per campaign, lead and step, whatever a decision says; one workspace never sees another's rows.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Campaign } from "./model/Campaign.ts"
import type { Decision } from "./model/Decision.ts"
import type { DomainEvent } from "./model/Event.ts"
import type { CampaignId, WorkspaceId } from "./model/Ids.ts"
import type { Lead } from "./model/Lead.ts"
import type { Scope, Snapshot } from "./model/Snapshot.ts"
import type { Suppression } from "./model/Suppression.ts"

/** Another held the store, or all connections to it, for longer than the wait allows. Safe to retry. */
export class StoreBusy extends Schema.TaggedError<StoreBusy>()("StoreBusy", {}) {
  readonly isRetryable = true
  readonly advice = "the store was in use for too long: try again"
}

/**
 * The connection to the store was lost, or there was none. Safe to retry: what the call was to write has landed whole or not at
 * all, and which of both is not known when the connection was lost as it ended.
 */
export class StoreDisconnected extends Schema.TaggedError<StoreDisconnected>()("StoreDisconnected", {}) {
  readonly isRetryable = true
  readonly advice = "the store cannot be reached: try again when it can"
}

/** A decision would have broken a unique constraint, which is a bug in a rule; nothing was written. */
export class ConstraintViolated extends Schema.TaggedError<ConstraintViolated>()("ConstraintViolated", {
  constraint: Schema.String
}) {
  readonly isRetryable = false
  readonly advice = `a constraint of the store refused the decision (${this.constraint})`
}

/** The store belongs to another program, or to a newer version of this one. It was left untouched. */
export class StoreRefused extends Schema.TaggedError<StoreRefused>()("StoreRefused", {
  why: Schema.String
}) {
  readonly isRetryable = false
  readonly advice = this.why
}

/** The store cannot be read or written: disk full, read-only, corrupt, gone. */
export class StoreUnavailable extends Schema.TaggedError<StoreUnavailable>()("StoreUnavailable", {
  why: Schema.String,
  cause: Schema.Defect()
}) {
  readonly isRetryable = false
  readonly advice = this.why
}

/** The one error of the port: which operation failed, and why. After it nothing of the operation is stored. */
export class RepositoryError extends Schema.TaggedError<RepositoryError>()("RepositoryError", {
  operation: Schema.String,
  reason: Schema.Union([StoreBusy, StoreDisconnected, ConstraintViolated, StoreRefused, StoreUnavailable])
}) {
  override get message(): string {
    return `${this.operation} failed: ${this.reason.advice}`
  }
  get isRetryable(): boolean {
    return this.reason.isRetryable
  }
}

/** A pure function from a snapshot to a decision, or to a reason for refusing. A store may run it more than once. */
export type Rule<A, E> = (snapshot: Snapshot) => Result.Result<Decision<A>, E>

/** Where a page begins: after the item that the cursor names, or at the start when it is null. */
export interface PageRequest<Cursor = string> {
  readonly workspaceId: WorkspaceId
  readonly after: Cursor | null
  readonly limit: number
}

/** `next` is the cursor of the page that follows, null on the last one. */
export interface Page<A, Cursor = string> {
  readonly items: ReadonlyArray<A>
  readonly next: Cursor | null
}

export class Repository extends Context.Service<
  Repository,
  {
    /** Loads the scope, runs the rule and stores its changes, in one atomic step. */
    readonly decide: <A, E>(scope: Scope, rule: Rule<A, E>) => Effect.Effect<A, E | RepositoryError>
    /** Loads the scope as it stands at one moment. What is due is there for a decision alone: it is to be taken. */
    readonly read: (scope: Omit<Scope, "due">) => Effect.Effect<Snapshot, RepositoryError>
    /**
     * The live workspaces that have a message to claim at this time, in milliseconds since 1970, in the order of their ids
     * (DE-3). Test workspaces are never among them (TC-5).
     */
    readonly workspacesDue: (at: number) => Effect.Effect<ReadonlyArray<WorkspaceId>, RepositoryError>
    /** Campaigns in the order of their ids; the cursor is a campaign's id. */
    readonly campaigns: (page: PageRequest) => Effect.Effect<Page<Campaign>, RepositoryError>
    /** Leads of the workspace, or of one campaign, in the order in which they were made, without those erased; the cursor is a lead's id; after an unknown one the page is empty. */
    readonly leads: (
      page: PageRequest & { readonly campaignId: CampaignId | null }
    ) => Effect.Effect<Page<Lead>, RepositoryError>
    /** The suppression list in the order of its entries, by code point, without those known as hashes; the cursor is an entry. */
    readonly suppressions: (page: PageRequest) => Effect.Effect<Page<Suppression>, RepositoryError>
    /**
     * The events of the workspace in their order; the cursor is a sequence. None is written later before one that has
     * been read.
     */
    readonly events: (page: PageRequest<number>) => Effect.Effect<Page<DomainEvent, number>, RepositoryError>
  }
>()("@leadterra/core/Repository") {}
