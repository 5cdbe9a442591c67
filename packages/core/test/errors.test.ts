import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import * as Core from "../src/index.ts"

const row = { index: 7, path: "plan", reason: "WrongType", message: "a custom field must be text" }
const entry = {
  index: 2,
  path: "",
  reason: "EmptyDomain",
  message: "there is nothing after the @: write the address as name@acme.com"
}
const argument = { path: "limit", message: "Expected an integer" }
const campaignId = "camp_1"

/** Each error, its schema, and the message that its user reads. */
const errors: ReadonlyArray<readonly [error: Error & { readonly _tag: string }, message: string]> = [
  [new Core.CampaignNotFound({ campaignId }), "There is no such campaign in this workspace"],
  [new Core.LeadNotFound(), "There is no such lead in this workspace"],
  [
    new Core.NoLeadsEnrolled({ campaignId }),
    "The campaign has no leads: enrol at least one with Leads.bulkUpsert before the start"
  ],
  [
    new Core.NoSequenceSteps({ campaignId }),
    "The campaign has no steps: add at least one with Campaigns.replaceSteps before the start"
  ],
  [
    new Core.CampaignNotEditable({ campaignId, status: "running" }),
    "A running campaign keeps its name and its steps: pause it to change copy and delays"
  ],
  [
    new Core.CampaignNotEditable({ campaignId, status: "paused" }),
    "A paused campaign keeps its name and its number of steps: change copy and delays alone"
  ],
  [new Core.CampaignChanged({ campaignId }), "The campaign has changed since it was read: read it again"],
  [
    new Core.InvalidLeads({ issues: [row] }),
    "Rows break a rule, and nothing was written: at index 7: a custom field must be text"
  ],
  [
    new Core.InvalidLeads({ issues: [row, row, row] }),
    "Rows break a rule, and nothing was written: at index 7: a custom field must be text (and 2 more)"
  ],
  [
    new Core.InvalidSuppressionEntries({ issues: [entry] }),
    "Entries must be addresses or @domains, and nothing was written: at index 2: there is nothing after the @: write the address as name@acme.com"
  ],
  [
    new Core.BatchTooLarge({ size: 10_001, limit: 10_000, instead: "split the rows" }),
    "A call takes at most 10000 entries and got 10001: split the rows"
  ],
  [
    new Core.InvalidRequest({ issues: [argument, argument] }),
    "The call is not well-formed: limit: Expected an integer (and 1 more)"
  ],
  [
    new Core.InvalidRequest({ issues: [{ path: "", message: "the argument threw when it was read" }] }),
    "The call is not well-formed: the argument threw when it was read"
  ],
  [new Core.InvalidRequest({ issues: [] }), "The call is not well-formed"],
  [
    new Core.InvalidToken(),
    "The token is not one that was signed here: use the link of the message as it was sent"
  ],
  [
    new Core.WorkspaceModeConflict({ mode: "live" }),
    "The workspace is a live workspace, for ever: name another one"
  ],
  [new Core.NotATestWorkspace(), "The workspace has no test clock: create a test workspace"],
  [
    new Core.TestClockIsLater({ now: 1 }),
    "The test clock only goes forward: advance to the time of TestClock.get or to a later one"
  ],
  [
    new Core.CursorUnknown({ cursor: "7.0f1e2d3c" }),
    "The workspace has no event of this cursor, since commits were taken back: read the state anew, then follow from the first event or from a cursor that is still known"
  ]
]

const schemas: Readonly<Record<string, Schema.Codec<unknown, unknown>>> = {
  CampaignNotFound: Core.CampaignNotFound,
  WorkspaceModeConflict: Core.WorkspaceModeConflict,
  NotATestWorkspace: Core.NotATestWorkspace,
  TestClockIsLater: Core.TestClockIsLater,
  LeadNotFound: Core.LeadNotFound,
  NoLeadsEnrolled: Core.NoLeadsEnrolled,
  NoSequenceSteps: Core.NoSequenceSteps,
  CampaignNotEditable: Core.CampaignNotEditable,
  CampaignChanged: Core.CampaignChanged,
  InvalidLeads: Core.InvalidLeads,
  InvalidSuppressionEntries: Core.InvalidSuppressionEntries,
  BatchTooLarge: Core.BatchTooLarge,
  InvalidRequest: Core.InvalidRequest,
  CursorUnknown: Core.CursorUnknown,
  InvalidToken: Core.InvalidToken
}

describe("errors", () => {
  it.each(errors)("UP-6: %o says what was wrong and what would be right", (error, message) => {
    expect(error.message).toBe(message)
    expect(error).toBeInstanceOf(Error)
  })

  it.each(errors)("UP-6: %o comes back from JSON as it went in", (error) => {
    const schema = schemas[error._tag]
    if (schema === undefined) throw new Error(`no schema for ${error._tag}`)
    const json = Schema.toCodecJson(schema)
    const text = JSON.stringify(Schema.encodeUnknownSync(json)(error))
    expect(JSON.parse(text)).toHaveProperty("_tag", error._tag)
    const back = Schema.decodeUnknownSync(json)(JSON.parse(text))
    expect(back).toEqual(error)
    expect(back).toHaveProperty("message", error.message)
  })

  it.each([
    { _tag: "CampaignNotFound", campaignId: 1 },
    { _tag: "NoLeadsEnrolled" },
    { _tag: "NoSequenceSteps" },
    { _tag: "CampaignNotEditable", campaignId, status: "draft" },
    { _tag: "CampaignChanged" },
    { _tag: "WorkspaceModeConflict", mode: "prod" },
    { _tag: "TestClockIsLater" },
    { _tag: "InvalidLeads", issues: [{ ...row, index: "7" }] },
    { _tag: "InvalidLeads", issues: [{ ...row, reason: 1 }] },
    { _tag: "InvalidSuppressionEntries", issues: [{ ...entry, index: 0.5 }] },
    { _tag: "BatchTooLarge", size: 1, limit: 1 },
    { _tag: "InvalidRequest", issues: [{ message: "m" }] }
  ])("UP-6: %o is none", (wrong) => {
    const schema = schemas[wrong._tag]
    if (schema === undefined) throw new Error(`no schema for ${wrong._tag}`)
    expect(() => Schema.decodeUnknownSync(Schema.toCodecJson(schema))(wrong)).toThrow()
  })
})
