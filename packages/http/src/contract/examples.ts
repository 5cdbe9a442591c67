/** The calls of the guide with their answers, as examples of the OpenAPI document. */

export interface Example {
  readonly method: "get" | "post"
  readonly path: string
  /** In lower case, with a dash between words. */
  readonly name: string
  readonly summary: string
  readonly body?: unknown
  readonly status: number
  readonly answer: unknown
}

const campaignId = "camp_01HZA1TPNQ8RD4KF"
const importId = "imp_01HZA1X4D6F8G0HJ"
const messageId = "msg_01HZA1V7WE5T2Q9M"
const webhookId = "wh_01HZA1W9M3T6V8X0"
const createdAt = "2025-06-10T14:30:00Z"

const steps = [
  {
    subject: "Quick question, {{firstName}}",
    bodyHtml: "<p>How does {{company}} handle outreach?</p>"
  },
  { subject: "Following up", bodyHtml: "<p>Did you see my note, {{firstName}}?</p>", delayDays: 3 }
]

const ava = {
  email: "ava@acmecorp.com",
  firstName: "Ava",
  lastName: "Chen",
  company: "Acme Corp",
  jobTitle: "VP Sales"
}
const marcus = {
  email: "marcus@buildfast.io",
  firstName: "Marcus",
  lastName: "Webb",
  company: "BuildFast",
  jobTitle: "Head of Growth"
}
const priya = {
  email: "priya@nexusai.com",
  firstName: "Priya",
  lastName: "Sharma",
  company: "Nexus AI",
  jobTitle: "Director of Revenue"
}

const create: Example = {
  method: "post",
  path: "/v1/campaigns",
  name: "create",
  summary: "A draft with two steps",
  body: { name: "Spring outreach", sequenceSteps: steps },
  status: 201,
  answer: {
    campaign: {
      id: campaignId,
      name: "Spring outreach",
      status: "draft",
      sequenceSteps: steps.map((step) => ({ delayDays: 0, ...step })),
      createdAt,
      startedAt: null,
      pausedAt: null
    },
    lints: []
  }
}

const bulk = { method: "post", path: "/v1/campaigns/{id}/leads/bulk", status: 200 } as const

const enroll: Example = {
  ...bulk,
  name: "enroll",
  summary: "Three new leads",
  body: { leads: [ava, marcus, priya] },
  answer: {
    result: { enrolled: 3, updated: 0, skipped: 0, totalInCampaign: 3, failed: 0 },
    outcomes: [ava, marcus, priya].map(({ email }, index) => ({ index, email, outcome: "enrolled" }))
  }
}

const update: Example = {
  ...bulk,
  name: "update",
  summary: "A lead that is in the campaign, and a row that breaks a rule",
  body: { leads: [{ email: "AVA@acmecorp.com", jobTitle: "CRO" }, { email: "priya.nexusai.com" }] },
  answer: {
    result: { enrolled: 0, updated: 1, skipped: 0, totalInCampaign: 3, failed: 1 },
    outcomes: [
      { index: 0, email: "AVA@acmecorp.com", outcome: "updated" },
      {
        index: 1,
        email: "priya.nexusai.com",
        outcome: "failed",
        issues: [
          { path: "email", reason: "MissingAt", message: "there is no @: write the address as name@acme.com" }
        ]
      }
    ]
  }
}

const keyed: Example = {
  ...bulk,
  name: "keyed",
  summary: "A batch that is safe to repeat, with an Idempotency-Key",
  body: { leads: [{ email: "noor@example.com", firstName: "Noor" }] },
  answer: {
    result: { enrolled: 1, updated: 0, skipped: 0, totalInCampaign: 4, failed: 0 },
    outcomes: [{ index: 0, email: "noor@example.com", outcome: "enrolled" }]
  }
}

const suppress: Example = {
  method: "post",
  path: "/v1/suppression-list",
  name: "suppress",
  summary: "One address",
  body: { emails: ["noor@example.com"] },
  status: 200,
  answer: { result: { suppressed: 1, alreadySuppressed: 0, total: 1 } }
}

const start: Example = {
  method: "post",
  path: "/v1/campaigns/{id}/start",
  name: "start",
  summary: "A draft is started",
  status: 200,
  answer: {
    campaign: {
      id: campaignId,
      status: "running",
      startedAt: "2025-06-10T15:00:00Z",
      leadsEnrolled: 4,
      queuedMessages: 3
    }
  }
}

const claim: Example = {
  method: "post",
  path: "/v1/delivery/claim",
  name: "claim",
  summary: "One message",
  body: { limit: 1 },
  status: 200,
  answer: {
    messages: [
      {
        messageId,
        attempt: 1,
        claimToken: "claim_01HZA1W3C8K5N7B2",
        leasedUntil: "2025-06-10T15:06:00Z",
        to: "ava@acmecorp.com",
        subject: "Quick question, Ava",
        html: "<p>How does Acme Corp handle outreach?</p>",
        campaignId,
        step: 0,
        lead: {
          id: "lead_01HZA1TQX2M4P6R8",
          ...ava,
          jobTitle: "CRO",
          customFields: {},
          createdAt,
          updatedAt: createdAt
        }
      }
    ]
  }
}

const report: Example = {
  method: "post",
  path: "/v1/delivery/reports",
  name: "report",
  summary: "A message was sent and delivered",
  body: {
    reports: [
      { messageId, type: "sent" },
      { messageId, type: "delivered" }
    ]
  },
  status: 200,
  answer: {
    recorded: 2,
    repeated: 0,
    ignored: 0,
    failed: 0,
    outcomes: [0, 1].map((index) => ({ index, messageId, outcome: "recorded" }))
  }
}

const stats: Example = {
  method: "get",
  path: "/v1/campaigns/{id}/stats",
  name: "stats",
  summary: "One message of four leads was sent",
  status: 200,
  answer: {
    campaignId,
    totalEnrolled: 4,
    sent: 1,
    delivered: 1,
    bounced: 0,
    hardBounced: 0,
    replied: 0,
    queued: 3,
    openRate: 0,
    replyRate: 0
  }
}

const explain: Example = {
  method: "post",
  path: "/v1/campaigns/{id}/leads/explain",
  name: "explain",
  summary: "A lead that was suppressed after it was enrolled",
  body: { email: "noor@example.com" },
  status: 200,
  answer: {
    summary: "Ended at 2025-06-10T14:50:00Z: the address or its domain was put on the suppression list",
    verdict: { reason: "ended", why: "suppressed", since: "2025-06-10T14:50:00Z" },
    status: "running",
    suppression: { by: "address", reason: "manual", since: "2025-06-10T14:50:00Z" },
    messages: []
  }
}

const webhook: Example = {
  method: "post",
  path: "/v1/webhooks",
  name: "webhook",
  summary: "An endpoint for sends, bounces and replies",
  body: {
    url: "https://hooks.acme.example/leadterra",
    events: ["message.sent", "message.bounced", "reply.received"]
  },
  status: 201,
  answer: {
    webhook: {
      id: webhookId,
      url: "https://hooks.acme.example/leadterra",
      events: ["message.sent", "message.bounced", "reply.received"],
      status: "active",
      createdAt: "2025-06-10T15:30:00Z",
      disabledReason: null,
      disabledAt: null,
      failingSince: null,
      previousSecretUntil: null,
      secret: "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    }
  }
}

const webhookTest: Example = {
  method: "post",
  path: "/v1/webhooks/{id}/test",
  name: "webhook-test",
  summary: "A test event waits for its attempt",
  status: 202,
  answer: {
    delivery: {
      id: "evt_9f86d081884c7d659a2feaa0c55ad015",
      event: "webhook.test",
      state: "pending",
      attempts: 0,
      createdAt: "2025-06-10T15:31:00Z",
      nextAttemptAt: "2025-06-10T15:31:00Z",
      endedAt: null,
      lastAttempt: null
    }
  }
}

const pause: Example = {
  method: "post",
  path: "/v1/campaigns/{id}/pause",
  name: "pause",
  summary: "A running campaign is paused",
  status: 200,
  answer: { id: campaignId, status: "paused", pausedAt: "2025-06-10T16:00:00Z" }
}

const advance: Example = {
  method: "post",
  path: "/v1/test-clock",
  name: "advance",
  summary: "The clock of a test workspace is set",
  body: { advanceTo: "2040-06-10T09:00:00Z" },
  status: 200,
  answer: { now: "2040-06-10T09:00:00Z" }
}

const unknown: Example = {
  method: "get",
  path: "/v1/campaigns/{id}",
  name: "unknown",
  summary: "There is no such campaign",
  status: 404,
  answer: {
    type: "urn:leadterra:problem:campaign_not_found",
    title: "There is no such campaign",
    status: 404,
    detail: "There is no such campaign in this workspace",
    code: "campaign_not_found"
  }
}

/** An import of 63 bytes, as it waits. */
const queuedImport = {
  id: importId,
  campaignId,
  state: "queued",
  rows: 0,
  result: { enrolled: 0, updated: 0, skipped: 0, totalInCampaign: 4, failed: 0 },
  bytes: 63,
  bytesRead: 0,
  next: 0,
  resumable: false,
  failure: null,
  failedRows: null,
  createdAt: "2025-06-10T16:05:00Z",
  startedAt: null,
  endedAt: null
}

const importList: Example = {
  method: "post",
  path: "/v1/campaigns/{id}/imports",
  name: "import",
  summary: "A list was uploaded",
  status: 202,
  answer: { import: queuedImport }
}

const importState: Example = {
  method: "get",
  path: "/v1/imports/{id}",
  name: "import-completed",
  summary: "The import has ended",
  status: 200,
  answer: {
    import: {
      ...queuedImport,
      state: "completed",
      rows: 2,
      result: { enrolled: 1, updated: 0, skipped: 0, totalInCampaign: 5, failed: 1 },
      bytesRead: 63,
      next: 2,
      failedRows: { format: "csv", rows: 1, bytes: 176 },
      startedAt: "2025-06-10T16:05:01Z",
      endedAt: "2025-06-10T16:05:02Z"
    }
  }
}

const importCorrected: Example = {
  method: "post",
  path: "/v1/campaigns/{id}/imports",
  name: "import-corrected",
  summary: "The failed rows were uploaded again",
  status: 202,
  answer: {
    import: {
      ...queuedImport,
      id: "imp_01HZA1X9K2M4N6P8",
      result: { ...queuedImport.result, totalInCampaign: 5 },
      bytes: 186,
      createdAt: "2025-06-10T16:06:00Z"
    }
  }
}

/** In the order of the guide, whose calls of a test workspace are those of a live one again, but for its clock. */
export const examples: ReadonlyArray<Example> = [
  create,
  enroll,
  update,
  keyed,
  suppress,
  start,
  claim,
  report,
  stats,
  explain,
  webhook,
  webhookTest,
  pause,
  importList,
  importState,
  importCorrected,
  advance,
  unknown
]
