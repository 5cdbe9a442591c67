/** The tools of the MCP server: their arguments, their answers, and what they say of themselves. */
import { Tool, Toolkit } from "effect/ai"
import * as Context from "effect/Context"
import * as Schema from "effect/Schema"
import {
  maxBatchRows,
  maxCampaigns,
  maxEmailLength,
  maxIdLength,
  maxIssues,
  maxShownFields
} from "./limits.ts"
import { Untrusted } from "./untrusted.ts"

/** A call that was refused: the message says why, and what would be right. */
export class Refused extends Schema.TaggedError<Refused>()("Refused", { reason: Schema.String }) {
  override get message(): string {
    return this.reason
  }
}

const campaignId = Schema.String.check(Schema.isMaxLength(maxIdLength))

const textOrNull = { type: ["string", "null"] }
const fieldValue = { type: ["string", "number", "boolean", "null"] }

/** The JSON Schema of a row as the core takes it. */
const leadSchema = {
  type: "object",
  required: ["email"],
  properties: {
    email: { type: "string" },
    firstName: textOrNull,
    lastName: textOrNull,
    company: textOrNull,
    jobTitle: textOrNull,
    customFields: { type: "object", additionalProperties: fieldValue }
  },
  additionalProperties: fieldValue
}

const sentence = `1 to ${maxBatchRows.toLocaleString("en-US")} rows`

/** Rows as they come: the core judges each by itself, so that a bad one fails alone. */
const leads: Schema.Codec<ReadonlyArray<unknown>, ReadonlyArray<unknown>> = Schema.Any.check(
  Schema.makeFilter(
    (value: unknown) =>
      (Array.isArray(value) && value.length > 0 && value.length <= maxBatchRows) ||
      `leads must be ${sentence}`,
    {
      representation: { id: "leadterra/cli/mcp/leads", payload: null, schemas: [] },
      toJsonSchema: () => ({
        type: "array",
        items: leadSchema,
        minItems: 1,
        maxItems: maxBatchRows,
        description: `${sentence}. Further keys are custom fields. Null clears a field.`
      })
    }
  )
)

const notice = Schema.String
const Count = Schema.Int
const Outcome = Schema.Literals(["enrolled", "updated", "skipped", "failed"])
const Status = Schema.Literals(["draft", "running", "paused"])
const time = Schema.String.annotate({ format: "date-time" })

const BatchAnswer = {
  notice,
  enrolled: Count,
  updated: Count,
  skipped: Count,
  failed: Count,
  totalInCampaign: Count,
  outcomes: Schema.Array(Outcome).annotate({ description: "One for each row, in order." }),
  issues: Schema.Array(
    Schema.Struct({
      row: Count,
      field: Untrusted,
      reason: Schema.String,
      message: Schema.String,
      suggestion: Schema.optionalKey(Untrusted)
    })
  ).annotate({ description: `Why rows failed, up to ${maxIssues}. Rows count from 0.` }),
  issueCount: Count
}

/** Unknown arguments are refused, and no tool reaches anything but the store. */
const writes = Context.make(Tool.Strict, true).pipe(
  Context.add(Tool.OpenWorld, false),
  Context.add(Tool.Idempotent, true)
)
const reads = writes.pipe(Context.add(Tool.Readonly, true), Context.add(Tool.Destructive, false))

const CampaignsList = Tool.make("campaigns_list", {
  failure: Refused,
  description: "List the campaigns, oldest first.",
  parameters: Schema.Struct({
    after: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(maxIdLength))).annotate({
      description: "The next of the page before."
    }),
    limit: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: maxCampaigns })))
  }),
  success: Schema.Struct({
    notice,
    campaigns: Schema.Array(
      Schema.Struct({ id: Schema.String, name: Untrusted, status: Status, steps: Count, createdAt: time })
    ),
    next: Schema.NullOr(Schema.String)
  })
})

const CampaignsGet = Tool.make("campaigns_get", {
  failure: Refused,
  description: "Get a campaign with its steps.",
  parameters: Schema.Struct({ campaignId }),
  success: Schema.Struct({
    notice,
    campaign: Schema.Struct({
      id: Schema.String,
      name: Untrusted,
      status: Status,
      steps: Schema.Array(
        Schema.Struct({ subject: Untrusted, bodyHtml: Untrusted, delayDays: Schema.Finite })
      ),
      createdAt: time,
      startedAt: Schema.NullOr(time),
      pausedAt: Schema.NullOr(time)
    })
  })
})

const CampaignsStats = Tool.make("campaigns_stats", {
  failure: Refused,
  description: "Get the numbers of a campaign.",
  parameters: Schema.Struct({ campaignId }),
  success: Schema.Struct({
    totalEnrolled: Count,
    sent: Count,
    delivered: Count,
    bounced: Count,
    hardBounced: Count,
    replied: Count,
    queued: Count,
    openRate: Schema.Finite,
    replyRate: Schema.Finite
  })
})

const Coverage = Tool.make("coverage", {
  failure: Refused,
  description: "Tell which tokens of the campaign's steps these rows leave empty, and for how many of them.",
  parameters: Schema.Struct({ campaignId, leads }),
  success: Schema.Struct({
    notice,
    leads: Count,
    failed: Count,
    gaps: Schema.Array(Schema.Struct({ step: Count, token: Untrusted, empty: Count }))
  })
})

const Explain = Tool.make("explain", {
  failure: Refused,
  description: "Tell why a lead is, or is not, being sent something by a campaign.",
  parameters: Schema.Struct({ campaignId, email: Schema.String.check(Schema.isMaxLength(maxEmailLength)) }),
  success: Schema.Struct({
    notice,
    verdict: Schema.String,
    summary: Schema.String,
    status: Status,
    suppression: Schema.NullOr(
      Schema.Struct({ by: Schema.Literals(["address", "domain"]), reason: Untrusted, since: time })
    ),
    messages: Schema.Array(
      Schema.Struct({
        step: Count,
        state: Schema.Literals(["pending", "sent", "cancelled", "failed"]),
        attempt: Count,
        sentAt: Schema.NullOr(time)
      })
    ),
    lead: Schema.NullOr(
      Schema.Struct({
        email: Untrusted,
        firstName: Schema.NullOr(Untrusted),
        lastName: Schema.NullOr(Untrusted),
        company: Schema.NullOr(Untrusted),
        jobTitle: Schema.NullOr(Untrusted),
        customFields: Schema.Array(Schema.Struct({ name: Untrusted, value: Untrusted })).annotate({
          description: `Up to ${maxShownFields}.`
        })
      })
    ).annotate({ description: "What the workspace knows of the lead; null when it knows none." })
  })
})

const Preview = Tool.make("preview", {
  failure: Refused,
  description:
    "Tell what enroll would do with these rows, and write nothing. Its fingerprint lets enroll do exactly that.",
  parameters: Schema.Struct({ campaignId, leads }),
  success: Schema.Struct({ ...BatchAnswer, fingerprint: Schema.String })
})

const Enroll = Tool.make("enroll", {
  failure: Refused,
  description:
    "Enrol rows into a campaign, or update those in it. Takes the same campaign and rows as the preview whose " +
    "fingerprint is given, and refuses once rows, campaign or outcomes have changed. A running campaign sends to new leads.",
  parameters: Schema.Struct({
    campaignId,
    leads,
    fingerprint: Schema.String.check(Schema.isMaxLength(maxIdLength))
  }),
  success: Schema.Struct(BatchAnswer)
})

export const tools = Toolkit.make(
  CampaignsList.annotateMerge(reads),
  CampaignsGet.annotateMerge(reads),
  CampaignsStats.annotateMerge(reads),
  Coverage.annotateMerge(reads),
  Explain.annotateMerge(reads),
  Preview.annotateMerge(reads),
  Enroll.annotateMerge(writes)
)

export type ToolHandlers = Toolkit.HandlersFrom<typeof tools.tools>
