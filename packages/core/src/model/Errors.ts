/**
 * What a use case can fail with, besides `RepositoryError`. Every error is tagged, serialises through its
 * schema, names what was wrong and what would be right, and holds no field of a lead.
 */
import * as Schema from "effect/Schema"
import { RowIssue } from "./Report.ts"

/** Where in the input something is wrong, and what would be right. */
export const Issue = Schema.Struct({ path: Schema.String, message: Schema.String })
export interface Issue extends Schema.Schema.Type<typeof Issue> {}

const { message, path, reason } = RowIssue.fields

/**
 * One problem of one row or entry of a list, with its index and a reason to switch on. It holds no
 * suggestion, since errors are logged (ID-4).
 */
export const IndexedIssue = Schema.Struct({ index: Schema.Int, path, reason, message })
export interface IndexedIssue extends Schema.Schema.Type<typeof IndexedIssue> {}

/** The first of them, and how many there are. Of a row its number alone: a path may be a name that came with it. */
const listed = (
  issues: ReadonlyArray<{ readonly message: string; readonly path: string; readonly index?: number }>
): string => {
  const [first] = issues
  if (first === undefined) return ""
  const where = first.index === undefined ? first.path : `at index ${first.index}`
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : ""
  return `: ${where === "" ? "" : `${where}: `}${first.message}${more}`
}

/** No such campaign in this workspace. A campaign of another workspace gives the same error. */
export class CampaignNotFound extends Schema.TaggedError<CampaignNotFound>()("CampaignNotFound", {
  campaignId: Schema.String
}) {
  override get message(): string {
    return "There is no such campaign in this workspace"
  }
}

/** No lead with this address or id in this workspace. A lead of another workspace gives the same error. */
export class LeadNotFound extends Schema.TaggedError<LeadNotFound>()("LeadNotFound", {}) {
  override get message(): string {
    return "There is no such lead in this workspace"
  }
}

/** `start` on a draft without a single lead (SQ-9). */
export class NoLeadsEnrolled extends Schema.TaggedError<NoLeadsEnrolled>()("NoLeadsEnrolled", {
  campaignId: Schema.String
}) {
  override get message(): string {
    return "The campaign has no leads: enrol at least one with Leads.bulkUpsert before the start"
  }
}

/** `start` on a draft without a step (SQ-9). */
export class NoSequenceSteps extends Schema.TaggedError<NoSequenceSteps>()("NoSequenceSteps", {
  campaignId: Schema.String
}) {
  override get message(): string {
    return "The campaign has no steps: add at least one with Campaigns.replaceSteps before the start"
  }
}

/** A change of name or steps that the campaign's status does not allow (SQ-8). */
export class CampaignNotEditable extends Schema.TaggedError<CampaignNotEditable>()("CampaignNotEditable", {
  campaignId: Schema.String,
  status: Schema.Literals(["running", "paused"])
}) {
  override get message(): string {
    return this.status === "running"
      ? "A running campaign keeps its name and its steps: pause it to change copy and delays"
      : "A paused campaign keeps its name and its number of steps: change copy and delays alone"
  }
}

/** A change of a campaign that is no longer as its caller has read it (SQ-10); nothing was written. */
export class CampaignChanged extends Schema.TaggedError<CampaignChanged>()("CampaignChanged", {
  campaignId: Schema.String
}) {
  override get message(): string {
    return "The campaign has changed since it was read: read it again"
  }
}

/** `onInvalid: "reject"` met rows that break a rule; nothing was written (UP-6). All problems are listed. */
export class InvalidLeads extends Schema.TaggedError<InvalidLeads>()("InvalidLeads", {
  issues: Schema.Array(IndexedIssue)
}) {
  override get message(): string {
    return `Rows break a rule, and nothing was written${listed(this.issues)}`
  }
}

/** Entries are neither an address nor `@domain`; nothing was written (SU-1). All are listed. */
export class InvalidSuppressionEntries extends Schema.TaggedError<InvalidSuppressionEntries>()(
  "InvalidSuppressionEntries",
  { issues: Schema.Array(IndexedIssue) }
) {
  override get message(): string {
    return `Entries must be addresses or @domains, and nothing was written${listed(this.issues)}`
  }
}

/** The idempotency key was used before, with other rows or for another campaign; nothing was written (UP-10). */
export class IdempotencyConflict extends Schema.TaggedError<IdempotencyConflict>()("IdempotencyConflict", {
  /** When the first call with the key landed: milliseconds since 1970. */
  keptAt: Schema.Number
}) {
  override get message(): string {
    return "The idempotency key stands for another call: give each batch a key of its own"
  }
}

/**
 * The event of a cursor no longer exists, or another one has its sequence: a failover or a restore
 * lost commits (EV-2). Some events that a follower has read are no longer part of the history.
 */
export class CursorUnknown extends Schema.TaggedError<CursorUnknown>()("CursorUnknown", {
  cursor: Schema.String
}) {
  override get message(): string {
    return "The workspace has no event of this cursor, since commits were taken back: read the state anew, then follow from the first event or from a cursor that is still known"
  }
}

/** More rows or entries than one call takes. */
export class BatchTooLarge extends Schema.TaggedError<BatchTooLarge>()("BatchTooLarge", {
  size: Schema.Int,
  limit: Schema.Int,
  instead: Schema.String
}) {
  override get message(): string {
    return `A call takes at most ${this.limit} entries and got ${this.size}: ${this.instead}`
  }
}

/** A workspace is a live or a test workspace for ever, and this one is of the other mode (TC-1). */
export class WorkspaceModeConflict extends Schema.TaggedError<WorkspaceModeConflict>()(
  "WorkspaceModeConflict",
  {
    /** The mode of the workspace. */
    mode: Schema.Literals(["live", "test"])
  }
) {
  override get message(): string {
    return `The workspace is a ${this.mode} workspace, for ever: name another one`
  }
}

/** A live workspace, and one that nothing was written to, has no test clock (TC-1). */
export class NotATestWorkspace extends Schema.TaggedError<NotATestWorkspace>()("NotATestWorkspace", {}) {
  override get message(): string {
    return "The workspace has no test clock: create a test workspace"
  }
}

/** A test clock was to go back (TC-2); nothing was written. */
export class TestClockIsLater extends Schema.TaggedError<TestClockIsLater>()("TestClockIsLater", {
  /** The time of the test clock: milliseconds since 1970. */
  now: Schema.Number
}) {
  override get message(): string {
    return "The test clock only goes forward: advance to the time of TestClock.get or to a later one"
  }
}

/** Text that is no token of an unsubscribe link, or one that none of the secrets signed (UN-1). */
export class InvalidToken extends Schema.TaggedError<InvalidToken>()("InvalidToken", {}) {
  override get message(): string {
    return "The token is not one that was signed here: use the link of the message as it was sent"
  }
}

/** An argument of the call itself has the wrong shape. */
export class InvalidRequest extends Schema.TaggedError<InvalidRequest>()("InvalidRequest", {
  issues: Schema.Array(Issue)
}) {
  override get message(): string {
    return `The call is not well-formed${listed(this.issues)}`
  }
}
