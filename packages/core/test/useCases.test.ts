import { MemoryRepository } from "@leadterra/adapter-memory"
import { Campaigns, InvalidRequest, Leads, Limits, type Repository, Suppression } from "@leadterra/core"
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"

const workspaceId = "ws_1"
const steps = [
  { subject: "Hi {{firstName}}", bodyHtml: "<p>{{company}}</p>" },
  { subject: "Again", bodyHtml: "<p>{{jobTitle}}</p>", delayDays: 2 }
]
const guide = [
  {
    email: "ava@acmecorp.com",
    firstName: "Ava",
    lastName: "Chen",
    company: "Acme Corp",
    jobTitle: "VP Sales"
  },
  {
    email: "marcus@buildfast.io",
    firstName: "Marcus",
    lastName: "Webb",
    company: "BuildFast",
    jobTitle: "Head of Growth"
  },
  {
    email: "priya@nexusai.com",
    firstName: "Priya",
    lastName: "Sharma",
    company: "Nexus AI",
    jobTitle: "Director of Revenue"
  }
]

const run = <A, E>(program: Effect.Effect<A, E, Repository>) =>
  Effect.runPromise(Effect.provide(program, MemoryRepository.layer))

const campaign = Effect.map(Campaigns.create({ workspaceId, name: "Spring", steps }), ({ id }) => ({
  workspaceId,
  campaignId: id
}))

describe("the guide", () => {
  it("UP-1: its three leads are enrolled, and a second time updated in place", () =>
    run(
      Effect.gen(function* () {
        const ref = yield* campaign
        const { outcomes, ...counts } = yield* Leads.bulkUpsert({ ...ref, leads: guide })
        expect(counts).toEqual({ enrolled: 3, updated: 0, skipped: 0, failed: 0, totalInCampaign: 3 })
        expect(outcomes[0]).toEqual({ index: 0, email: "ava@acmecorp.com", outcome: "enrolled" })
        const again = yield* Leads.bulkUpsert({ ...ref, leads: guide })
        expect(again).toMatchObject({ enrolled: 0, updated: 3, totalInCampaign: 3 })
      })
    ))

  it("SQ-9: start answers the guide's shape", () =>
    run(
      Effect.gen(function* () {
        const ref = yield* campaign
        yield* Leads.bulkUpsert({ ...ref, leads: guide })
        const started = yield* Campaigns.start(ref)
        expect(started).toEqual({
          id: ref.campaignId,
          status: "running",
          startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/),
          leadsEnrolled: 3,
          queuedMessages: 3
        })
      })
    ))

  it("SQ-4: leads added to a running campaign are queued at once, at step one", () =>
    run(
      Effect.gen(function* () {
        const ref = yield* campaign
        yield* Leads.bulkUpsert({ ...ref, leads: guide.slice(0, 1) })
        yield* Campaigns.start(ref)
        yield* Leads.bulkUpsert({ ...ref, leads: guide })
        const late = yield* Leads.enrollment({ ...ref, email: "Priya@NexusAI.com" })
        expect(late).toMatchObject({ position: 0, state: "active", pending: { step: 0 } })
        expect(late?.pending?.id).toMatch(/^msg_ws_1_[0-9A-Z]{26}_[0-9A-Z]{26}_0$/)
        expect((yield* Campaigns.start(ref)).queuedMessages).toBe(3)
      })
    ))

  it("SU-1: a suppressed address is skipped, and no record of it is made", () =>
    run(
      Effect.gen(function* () {
        const ref = yield* campaign
        const added = yield* Suppression.add({ workspaceId, emails: ["a@x.com", "A@X.com"] })
        expect(added).toEqual({ suppressed: 1, alreadySuppressed: 1, total: 1 })
        const report = yield* Leads.bulkUpsert({
          ...ref,
          leads: [{ email: "A@x.com" }, { email: "b@sub.x.com" }]
        })
        expect(report.outcomes.map(({ outcome }) => outcome)).toEqual(["skipped", "enrolled"])
        expect(yield* Effect.flip(Leads.get({ workspaceId, email: "a@x.com" }))).toMatchObject({
          _tag: "LeadNotFound"
        })
      })
    ))
})

describe("an upsert", () => {
  it("UP-1: an empty batch is zeros, with the total that stands", () =>
    run(
      Effect.gen(function* () {
        const ref = yield* campaign
        yield* Leads.bulkUpsert({ ...ref, leads: guide })
        const report = yield* Leads.bulkUpsert({ ...ref, leads: [] })
        expect(report).toEqual({
          enrolled: 0,
          updated: 0,
          skipped: 0,
          failed: 0,
          totalInCampaign: 3,
          outcomes: []
        })
      })
    ))

  it("UP-2: a lead of the workspace is newly enrolled in a second campaign, with one record for both", () =>
    run(
      Effect.gen(function* () {
        yield* Leads.bulkUpsert({ ...(yield* campaign), leads: guide })
        const second = yield* campaign
        const report = yield* Leads.bulkUpsert({
          ...second,
          leads: [{ email: "AVA@acmecorp.com", company: "Acme" }]
        })
        expect(report).toMatchObject({ enrolled: 1, updated: 0 })
        expect(yield* Leads.get({ workspaceId, email: "ava@acmecorp.com" })).toMatchObject({
          firstName: "Ava",
          company: "Acme"
        })
      })
    ))

  it("UP-1: a row that breaks a rule fails before it is skipped", () =>
    run(
      Effect.gen(function* () {
        const ref = yield* campaign
        yield* Suppression.add({ workspaceId, entries: ["@acmecorp.com"] })
        const report = yield* Leads.bulkUpsert({ ...ref, leads: [{ email: "ava@acmecorp.com", company: 3 }] })
        expect(report).toMatchObject({ failed: 1, skipped: 0 })
      })
    ))

  it("UP-8: a merge over the limit fails its row alone", () =>
    run(
      Effect.gen(function* () {
        const ref = yield* campaign
        const fields = Object.fromEntries(
          Array.from({ length: Limits.maxCustomFields }, (_, i) => [`f${i}`, i])
        )
        const email = "ava@acmecorp.com"
        const report = yield* Leads.bulkUpsert({
          ...ref,
          leads: [
            { email, ...fields },
            { email, more: 1 },
            { email, f0: 2 }
          ]
        })
        expect(report.outcomes.map(({ outcome }) => outcome)).toEqual(["enrolled", "failed", "updated"])
        expect(report.outcomes[1]).toMatchObject({
          issues: [{ path: "customFields", reason: "TooManyFields" }]
        })
      })
    ))

  it("UP-6: reject lists every problem by index and path and writes nothing", () =>
    run(
      Effect.gen(function* () {
        const ref = yield* campaign
        const leads = [
          { email: "ok@x.com" },
          { email: "no" },
          { email: "ok@x.com", company: 3, firstName: [] }
        ]
        const error = yield* Effect.flip(Leads.bulkUpsert({ ...ref, leads, onInvalid: "reject" }))
        expect(error).toMatchObject({
          _tag: "InvalidLeads",
          issues: [
            { index: 1, path: "email" },
            { index: 2, path: "company" },
            { index: 2, path: "firstName" }
          ]
        })
        expect((yield* Leads.list(ref)).items).toEqual([])
      })
    ))

  it("UP-6: a batch over the limit is refused, and says what to use instead", () =>
    run(
      Effect.gen(function* () {
        const ref = yield* campaign
        const error = yield* Effect.flip(
          Leads.bulkUpsert({ ...ref, leads: Array(Limits.maxBatchRows + 1).fill(guide[0]) })
        )
        expect(error).toMatchObject({ _tag: "BatchTooLarge", size: 10_001, limit: 10_000 })
        expect(error.message).toContain("batches of 500 to 1,000")
      })
    ))

  it("UP-6: holes in the array of rows are failed rows", () =>
    run(
      Effect.gen(function* () {
        const ref = yield* campaign
        const leads: Array<unknown> = [guide[0]]
        leads[2] = guide[1]
        const report = yield* Leads.bulkUpsert({ ...ref, leads })
        expect(report.outcomes.map(({ outcome }) => outcome)).toEqual(["enrolled", "failed", "enrolled"])
      })
    ))
})

describe("a campaign", () => {
  it("SQ-9: without steps NoSequenceSteps, this first; with steps and no lead NoLeadsEnrolled", () =>
    run(
      Effect.gen(function* () {
        const { id } = yield* Campaigns.create({ workspaceId, name: "Bare" })
        const ref = { workspaceId, campaignId: id }
        expect(yield* Effect.flip(Campaigns.start(ref))).toMatchObject({ _tag: "NoSequenceSteps" })
        yield* Campaigns.replaceSteps({ ...ref, steps })
        expect(yield* Effect.flip(Campaigns.start(ref))).toMatchObject({ _tag: "NoLeadsEnrolled" })
      })
    ))

  it("SQ-9: with leads that have all ended, start succeeds with nothing queued", () =>
    run(
      Effect.gen(function* () {
        const ref = yield* campaign
        yield* Leads.bulkUpsert({ ...ref, leads: guide.slice(0, 1) })
        yield* Suppression.add({ workspaceId, emails: ["ava@acmecorp.com"] })
        expect(yield* Campaigns.start(ref)).toMatchObject({ leadsEnrolled: 1, queuedMessages: 0 })
      })
    ))

  it("SQ-8: steps change freely in a draft, in copy and delay while paused, never while running", () =>
    run(
      Effect.gen(function* () {
        const ref = yield* campaign
        yield* Campaigns.replaceSteps({ ...ref, steps: [...steps, ...steps] })
        yield* Campaigns.replaceSteps({ ...ref, steps })
        yield* Leads.bulkUpsert({ ...ref, leads: guide })
        yield* Campaigns.start(ref)
        const running = yield* Effect.flip(Campaigns.replaceSteps({ ...ref, steps }))
        expect(running).toMatchObject({ _tag: "CampaignNotEditable", status: "running" })
        yield* Campaigns.pause(ref)
        const fewer = yield* Effect.flip(Campaigns.replaceSteps({ ...ref, steps: steps.slice(1) }))
        expect(fewer).toMatchObject({ _tag: "CampaignNotEditable", status: "paused" })
        const edited = yield* Campaigns.replaceSteps({
          ...ref,
          steps: steps.map((step) => ({ ...step, delayDays: 0.5 }))
        })
        expect(edited.steps.map(({ delayDays }) => delayDays)).toEqual([0.5, 0.5])
      })
    ))

  it("SQ-7: pause on a draft answers the draft", () =>
    run(
      Effect.gen(function* () {
        const ref = yield* campaign
        expect(yield* Campaigns.pause(ref)).toEqual({ id: ref.campaignId, status: "draft", pausedAt: null })
      })
    ))

  it("TK-5: create tells of tokens at places where their value is not safe, and makes the campaign", () =>
    run(
      Effect.gen(function* () {
        const bodyHtml = "<a href={{url}}>x</a>"
        const { id, lints } = yield* Campaigns.create({
          workspaceId,
          name: "n",
          steps: [{ subject: "s", bodyHtml }]
        })
        expect(lints).toMatchObject([{ step: 0, field: "bodyHtml", token: "{{url}}" }])
        expect((yield* Campaigns.get({ workspaceId, campaignId: id })).steps).toHaveLength(1)
      })
    ))

  const subjectAt = (length: number) => ({ subject: "s".repeat(length), bodyHtml: "" })
  const bodyOf = (bodyHtml: string) => ({ subject: "s", bodyHtml })
  const delayOf = (delayDays: number) => ({ ...bodyOf("b"), delayDays })
  const nameAt = (length: number) => ({ name: "n".repeat(length) })

  it.each<readonly [object, string, string]>([
    [nameAt(Limits.maxNameLength + 1), "name", "name must have at most 200 characters"],
    [{ name: "\u2003" }, "name", "name must not be blank"],
    [{ name: "a\0b" }, "name", "name must be well-formed text without NUL"],
    [{ name: "secret\ud800" }, "name", "name must be well-formed text without NUL"],
    [{ name: "secret\u2028" }, "name", "name must be one line without control characters"],
    [
      { steps: [subjectAt(Limits.maxSubjectLength + 1)] },
      "steps.0.subject",
      "subject must have at most 1000 characters"
    ],
    [{ steps: [subjectAt(0)] }, "steps.0.subject", "subject must not be blank"],
    [
      { steps: [{ subject: "secret\r\nBcc: x", bodyHtml: "b" }] },
      "steps.0.subject",
      "subject must be one line without control characters"
    ],
    [
      { steps: [bodyOf("b"), bodyOf("x".repeat(Limits.maxBodyLength + 1))] },
      "steps.1.bodyHtml",
      "bodyHtml must have at most 200000 characters"
    ],
    [{ steps: [bodyOf("secret\0")] }, "steps.0.bodyHtml", "bodyHtml must be well-formed text without NUL"],
    [
      { steps: [bodyOf("{{a}}".repeat(Limits.maxTokens + 1))] },
      "steps.0.bodyHtml",
      "has 201 tokens, of at most 200"
    ],
    [
      { steps: [{ subject: "{{a}}".repeat(Limits.maxSubjectLength / 5), bodyHtml: "secret\udfff" }] },
      "steps.0.bodyHtml",
      "bodyHtml must be well-formed text without NUL"
    ],
    [{ steps: [delayOf(-0.1)] }, "steps.0.delayDays", "Expected delayDays between 0 and 3650"],
    [{ steps: [delayOf(3_650.1)] }, "steps.0.delayDays", "Expected delayDays between 0 and 3650"],
    [{ steps: [delayOf(Number.NaN)] }, "steps.0.delayDays", "Expected a finite number"],
    [{ steps: Array(Limits.maxSteps + 1).fill(bodyOf("b")) }, "steps", "a campaign has at most 100 steps"],
    [
      { steps: [...Array(5).fill(bodyOf("b".repeat(199_999))), bodyOf("b")] },
      "steps",
      "the subjects and bodies have more than 1000000 bytes in all: shorten them"
    ],
    [
      { steps: Array(3).fill(bodyOf("\u{1f600}".repeat(84_000))) },
      "steps",
      "the subjects and bodies have more than 1000000 bytes in all: shorten them"
    ]
  ])("SQ-8: a campaign of %o is refused at %s: %s", (wrong, path, message) =>
    run(
      Effect.gen(function* () {
        const error = yield* Effect.flip(Campaigns.create({ workspaceId, name: "n", ...wrong }))
        expect(error).toHaveProperty("issues.0", { path, message })
        expect(error.message).not.toContain("secret")
      })
    )
  )

  it("SQ-8: names, subjects, bodies, delays and steps at their limits make a campaign", () =>
    run(
      Effect.gen(function* () {
        const all = [
          subjectAt(Limits.maxSubjectLength),
          bodyOf("x\r\n".padEnd(Limits.maxBodyLength, "x")),
          bodyOf("{{a}}".repeat(Limits.maxTokens)),
          delayOf(0),
          delayOf(Limits.maxDelayDays)
        ]
        const full = [...all, ...Array(Limits.maxSteps - all.length).fill(bodyOf(""))]
        const { id } = yield* Campaigns.create({
          workspaceId,
          ...nameAt(Limits.maxNameLength),
          steps: full
        })
        const kept = yield* Campaigns.get({ workspaceId, campaignId: id })
        expect(kept.name).toHaveLength(Limits.maxNameLength)
        expect(kept.steps).toEqual(full.map((step) => ({ delayDays: 0, ...step })))
        const heavy = Array(5).fill(bodyOf("b".repeat(Limits.maxStepsBytes / 5 - 1)))
        yield* Campaigns.replaceSteps({ workspaceId, campaignId: id, steps: heavy })
        const heavier = [...heavy, bodyOf("")]
        expect(
          yield* Effect.flip(Campaigns.replaceSteps({ workspaceId, campaignId: id, steps: heavier }))
        ).toHaveProperty("issues.0.path", "steps")
      })
    ))

  it("ID-1: an unknown campaign and a stranger's are the same error, in every use case", () =>
    run(
      Effect.gen(function* () {
        const { campaignId } = yield* campaign
        for (const ref of [
          { workspaceId: "other", campaignId },
          { workspaceId, campaignId: "camp_none" }
        ]) {
          const errors = [
            yield* Effect.flip(Campaigns.get(ref)),
            yield* Effect.flip(Campaigns.start(ref)),
            yield* Effect.flip(Campaigns.pause(ref)),
            yield* Effect.flip(Campaigns.update({ ...ref, name: "n" })),
            yield* Effect.flip(Campaigns.replaceSteps({ ...ref, steps })),
            yield* Effect.flip(Leads.bulkUpsert({ ...ref, leads: [] })),
            yield* Effect.flip(Leads.preview({ ...ref, leads: guide })),
            yield* Effect.flip(Leads.enrollment({ ...ref, email: "a@x.com" }))
          ]
          expect(errors).toEqual(
            errors.map(() =>
              expect.objectContaining({ _tag: "CampaignNotFound", campaignId: ref.campaignId })
            )
          )
        }
      })
    ))
})

describe("bad arguments", () => {
  it("UP-6: each is an InvalidRequest that names its path", () =>
    run(
      Effect.gen(function* () {
        const ref = yield* campaign
        const wrong = "no list" as unknown as ReadonlyArray<string>
        const errors = [
          yield* Effect.flip(Campaigns.create({ workspaceId: "", name: "n" })),
          yield* Effect.flip(Campaigns.create({ workspaceId: "a b", name: "n" })),
          yield* Effect.flip(Campaigns.create({ workspaceId, name: " " })),
          yield* Effect.flip(Leads.bulkUpsert({ ...ref, leads: wrong })),
          yield* Effect.flip(Leads.bulkUpsert({ ...ref, leads: [], onInvalid: "ignore" as "report" })),
          yield* Effect.flip(Campaigns.get({ workspaceId, campaignId: {} as string })),
          yield* Effect.flip(Leads.list({ workspaceId, campaignId: 3 as unknown as string })),
          yield* Effect.flip(Leads.list({ workspaceId, limit: 0 })),
          yield* Effect.flip(Leads.list({ workspaceId, limit: 1.5 })),
          yield* Effect.flip(Leads.list({ workspaceId, after: "\0" })),
          yield* Effect.flip(Campaigns.list({ workspaceId, after: "\ud800" })),
          yield* Effect.flip(Leads.get({ workspaceId, email: "nobody" })),
          yield* Effect.flip(Suppression.list({ workspaceId, after: "\udfff" })),
          yield* Effect.flip(Suppression.add({ workspaceId, entries: wrong })),
          yield* Effect.flip(Suppression.add({ workspaceId, entries: [], reason: "" })),
          yield* Effect.flip(Suppression.check({ workspaceId, emails: wrong }))
        ]
        const paths = errors.map((error) =>
          error._tag === "InvalidRequest" ? error.issues.map(({ path }) => path) : error
        )
        expect(paths.flat()).toEqual([
          "workspaceId",
          "workspaceId",
          "name",
          "leads",
          "onInvalid",
          "campaignId",
          "campaignId",
          "limit",
          "limit",
          "after",
          "after",
          "email",
          "after",
          "entries",
          "reason",
          "emails"
        ])
      })
    ))

  it("UP-6: all that is wrong with an argument is listed at once", () =>
    run(
      Effect.gen(function* () {
        const wrong = { workspaceId: 1, campaignId: 2, email: 3, steps: 7 }
        const ref = wrong as never
        const unnamed = { workspaceId: 1, name: 5, steps: 7 } as never
        const rows = { workspaceId: 1, campaignId: 2, leads: 4, onInvalid: 6, onInvaild: "reject" } as never
        const pathsOf = (call: Effect.Effect<unknown, unknown, Repository>) =>
          Effect.map(Effect.flip(call), (error) =>
            error instanceof InvalidRequest ? error.issues.map(({ path }) => path).sort() : error
          )
        expect(yield* pathsOf(Campaigns.create(unnamed))).toEqual(["name", "steps", "workspaceId"])
        const { email: _, ...refOfSteps } = wrong
        expect(yield* pathsOf(Campaigns.replaceSteps(refOfSteps as never))).toEqual([
          "campaignId",
          "steps",
          "workspaceId"
        ])
        expect(yield* pathsOf(Leads.get(ref))).toEqual(["email", "workspaceId"])
        expect(yield* pathsOf(Leads.enrollment(ref))).toEqual(["campaignId", "email", "workspaceId"])
        expect(yield* pathsOf(Leads.bulkUpsert(rows))).toEqual([
          "campaignId",
          "leads",
          "onInvaild",
          "onInvalid",
          "workspaceId"
        ])
        const entries = { workspaceId: 1, entries: 2, emails: 3, reason: 4 } as never
        expect(yield* pathsOf(Suppression.add(entries))).toEqual([
          "emails",
          "entries",
          "reason",
          "workspaceId"
        ])
        expect(yield* pathsOf(Suppression.remove({ workspaceId, actor: "op" } as never))).toEqual(["entries"])
        for (const actor of [undefined, null, "", "a".repeat(201), "a\0", "\ud800", 7])
          expect(yield* pathsOf(Suppression.remove({ workspaceId, entries: [], actor } as never))).toEqual([
            "actor"
          ])
        const both = { workspaceId, entries: ["a@x.com"], emails: ["b@x.com"] } as never
        yield* Suppression.add(both)
        expect((yield* Suppression.list({ workspaceId })).items.map(({ entry }) => entry)).toEqual([
          "a@x.com"
        ])
      })
    ))

  it("UP-1: an element that throws when it is read is a failure of its own, a whole list that does one of the call", () =>
    run(
      Effect.gen(function* () {
        const ref = yield* campaign
        const boom = () => {
          throw new Error("boom")
        }
        const throwing = (list: ReadonlyArray<unknown>): ReadonlyArray<never> =>
          Object.defineProperty([...list], 1, { get: boom, enumerable: true }) as Array<never>
        const { outcomes } = yield* Leads.bulkUpsert({
          ...ref,
          leads: throwing([{ email: "a@x.com" }, 0, { email: "b@x.com" }])
        })
        expect(outcomes.map(({ outcome }) => outcome)).toEqual(["enrolled", "failed", "enrolled"])
        const failed = yield* Effect.flip(Suppression.add({ workspaceId, emails: throwing(["a@x.com", 0]) }))
        expect(failed).toMatchObject({ _tag: "InvalidSuppressionEntries", issues: [{ index: 1 }] })
        const unreadable = {
          _tag: "InvalidRequest",
          issues: [{ path: "", message: "the argument threw when it was read" }]
        }
        const revoked = Proxy.revocable([], {})
        revoked.revoke()
        const lists = [new Proxy([], { get: boom }), revoked.proxy]
        for (const leads of lists)
          expect(yield* Effect.flip(Leads.preview({ ...ref, leads }))).toMatchObject(unreadable)
        const argument = Object.defineProperty({}, "workspaceId", { get: boom }) as never
        expect(yield* Effect.flip(Campaigns.get(argument))).toMatchObject(unreadable)
        // Its length is read once, so that no list outgrows the limit while it is read.
        let length = 0
        const growing = new Proxy([{ email: "c@x.com" }], {
          get: (list, name) => (name === "length" ? ++length : Reflect.get(list, name))
        })
        expect((yield* Leads.bulkUpsert({ ...ref, leads: growing })).outcomes).toHaveLength(1)
      })
    ))

  it("UP-6, SQ-8: an unknown argument or key of a step is refused, and the known ones are named", () =>
    run(
      Effect.gen(function* () {
        const ref = yield* campaign
        const known = "unknown: correct its name, or leave it out. Known are"
        const step = { subject: "s", bodyHtml: "b", delayDay: 3 }
        const calls: ReadonlyArray<readonly [Effect.Effect<unknown, unknown, Repository>, string, string]> = [
          [
            Leads.bulkUpsert({ ...ref, leads: guide, onInvaild: "reject" } as never),
            "onInvaild",
            `${known} workspaceId, campaignId, leads, onInvalid`
          ],
          [Leads.preview({ ...ref, leads: guide, idempotencykey: "k" } as never), "idempotencykey", known],
          [Leads.importAll({ ...ref, leads: guide, batchsize: 500 } as never), "batchsize", known],
          [
            Campaigns.create({ workspaceId, name: "n", step: [step] } as never),
            "step",
            `${known} workspaceId, name, steps`
          ],
          [
            Campaigns.create({ workspaceId, name: "n", steps: [steps[0], step] } as never),
            "steps.1.delayDay",
            known
          ],
          [
            Campaigns.replaceSteps({ ...ref, steps: [step] } as never),
            "steps.0.delayDay",
            `${known} subject, bodyHtml, delayDays`
          ]
        ]
        for (const [call, path, message] of calls)
          expect(yield* Effect.flip(call)).toMatchObject({
            _tag: "InvalidRequest",
            issues: [{ path, message: expect.stringContaining(message) }]
          })
        expect((yield* Campaigns.list({ workspaceId })).items).toHaveLength(1)
        expect((yield* Leads.list(ref)).items).toEqual([])
      })
    ))

  it("SQ-8: an unknown key of a step hides no other fault", () =>
    run(
      Effect.gen(function* () {
        const ref = yield* campaign
        const broken = { subject: 3, bodyHtml: "b", delayDays: -1, delayDay: 3 } as never
        const { issues } = yield* Effect.flip(
          Effect.catchTag(
            Campaigns.replaceSteps({ ...ref, steps: [broken], name: "n" } as never),
            ["CampaignNotFound", "CampaignChanged", "CampaignNotEditable", "RepositoryError"],
            Effect.die
          )
        )
        expect(issues.map(({ path }) => path)).toEqual([
          "steps.0.subject",
          "steps.0.delayDays",
          "name",
          "steps.0.delayDay"
        ])
      })
    ))

  it("SQ-8: a list of steps longer than any memory is refused by its length", () =>
    run(
      Effect.gen(function* () {
        const ref = yield* campaign
        const endless = new Array(2 ** 32 - 1)
        const issues = [{ path: "steps", message: "a campaign has at most 100 steps" }]
        expect(
          yield* Effect.flip(Campaigns.create({ workspaceId, name: "n", steps: endless }))
        ).toHaveProperty("issues", issues)
        expect(yield* Effect.flip(Campaigns.replaceSteps({ ...ref, steps: endless }))).toHaveProperty(
          "issues",
          issues
        )
      })
    ))

  it("SQ-8: minus zero, which no store keeps, is no delay", () =>
    run(
      Effect.gen(function* () {
        const made = yield* Campaigns.create({
          workspaceId,
          name: "n",
          steps: [{ subject: "s", bodyHtml: "b", delayDays: -0 }]
        })
        expect(Object.is(made.steps[0]?.delayDays, 0)).toBe(true)
      })
    ))

  it("ID-1: a workspace's id is told what it may hold", () =>
    run(
      Effect.gen(function* () {
        for (const wrong of ["", "a b", "a".repeat(65), "\u212a"]) {
          const error = yield* Effect.flip(Campaigns.list({ workspaceId: wrong }))
          expect(error).toHaveProperty("issues", [
            {
              path: "workspaceId",
              message: "Expected a workspace id of 1 to 64 letters, digits or . _ : -"
            }
          ])
        }
        yield* Campaigns.list({ workspaceId: "aZ9._:-".padEnd(64, "a") })
      })
    ))

  it("SU-1: invalid entries refuse the call and are all listed; so does one entry too many", () =>
    run(
      Effect.gen(function* () {
        const entries = ["a@x.com", "no", "@localhost", "@ok.com", " @x.com ", "a@b@c.com"]
        const error = yield* Effect.flip(Suppression.add({ workspaceId, entries }))
        expect(error).toMatchObject({ _tag: "InvalidSuppressionEntries" })
        expect(error._tag === "InvalidSuppressionEntries" && error.issues.map(({ index }) => index)).toEqual([
          1, 2, 5
        ])
        const many = Array.from({ length: 1_001 }, (_, i) => `a${i}@x.com`)
        expect(yield* Effect.flip(Suppression.add({ workspaceId, entries: many }))).toMatchObject({
          _tag: "BatchTooLarge"
        })
        expect((yield* Suppression.list({ workspaceId })).items).toEqual([])
      })
    ))

  it("SU-1: a domain entry does not make an address entry already suppressed", () =>
    run(
      Effect.gen(function* () {
        yield* Suppression.add({ workspaceId, entries: ["@acmecorp.com"], reason: "competitor" })
        const added = yield* Suppression.add({ workspaceId, entries: ["ava@acmecorp.com"] })
        expect(added).toEqual({ suppressed: 1, alreadySuppressed: 0, total: 2 })
        const [bo] = yield* Suppression.check({ workspaceId, emails: ["bo@AcmeCorp.com"] })
        expect(bo).toMatchObject({
          suppressed: true,
          suppression: { entry: "@acmecorp.com", reason: "competitor" }
        })
      })
    ))
})

describe("an erasure", () => {
  it("ER-1: answers for each address in order, and counts the leads", () =>
    run(
      Effect.gen(function* () {
        const ref = yield* campaign
        yield* Leads.bulkUpsert({ ...ref, leads: guide })
        const emails = ["priya@nexusai.com", "nobody@example.com", " Ava@AcmeCorp.com", "ava@acmecorp.com"]
        expect(yield* Leads.erase({ workspaceId, emails })).toEqual({
          erased: 2,
          outcomes: [true, false, true, false].map((erased, index) => ({ index, erased }))
        })
        expect(yield* Leads.erase({ workspaceId, emails })).toMatchObject({ erased: 0 })
        expect((yield* Leads.list({ workspaceId })).items.map(({ email }) => email)).toEqual([
          "marcus@buildfast.io"
        ])
      })
    ))

  it("ER-1: is refused whole for an invalid address, one too many or none, and repeats no address", () =>
    run(
      Effect.gen(function* () {
        const ref = yield* campaign
        yield* Leads.bulkUpsert({ ...ref, leads: guide })
        const emails = ["ava@acmecorp.com", "marcus@", "priya@nexusai.com", 3 as unknown as string]
        const error = yield* Effect.flip(Leads.erase({ workspaceId, emails }))
        if (error._tag !== "InvalidRequest") throw error
        expect(error.issues.map(({ path }) => path)).toEqual(["emails.1", "emails.3"])
        expect(JSON.stringify(error) + error.message).not.toContain("marcus")
        const none = yield* Effect.flip(Leads.erase({ workspaceId, emails: [] }))
        expect(none).toMatchObject({ _tag: "InvalidRequest", issues: [{ path: "emails" }] })
        const many = Array.from({ length: Limits.maxErasedAddresses + 1 }, () => "ava@acmecorp.com")
        expect(yield* Effect.flip(Leads.erase({ workspaceId, emails: many }))).toMatchObject({
          _tag: "BatchTooLarge",
          limit: 1_000
        })
        expect(yield* Leads.erase({ workspaceId, emails: many.slice(1) })).toMatchObject({ erased: 1 })
        expect((yield* Leads.list({ workspaceId })).items).toHaveLength(2)
      })
    ))
})
