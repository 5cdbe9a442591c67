/** The pure rules of webhooks: which events make which deliveries, when attempts come, and how they are signed. */
import { createHmac } from "node:crypto"
import { type Events, Ids } from "@leadterra/core"
import fc from "fast-check"
import { Webhook as StandardWebhook } from "standardwebhooks"
import { describe, expect, it } from "vitest"
import {
  afterAttempt,
  attemptsFor,
  failingAttempts,
  failingMillis,
  healthy,
  isExhausted,
  maxRetryAfterMillis,
  retrySeconds
} from "../src/webhooks/afterAttempt.ts"
import { bodyOf } from "../src/webhooks/bodyOf.ts"
import { nextBatch, type Told } from "../src/webhooks/deliveriesOf.ts"
import type { WebhookAnswer } from "../src/webhooks/SendWebhook.ts"
import { signedHeaders } from "../src/webhooks/signedHeaders.ts"
import {
  type EventPosition,
  type Subject,
  type Webhook,
  type WebhookDelivery,
  webhookEvents
} from "../src/webhooks/Webhook.ts"
import { deliveryId } from "../src/webhooks/webhookIds.ts"
import { drawSecret, rotate, signingSecrets } from "../src/webhooks/webhookSecrets.ts"

const now = Date.UTC(2026, 4, 1)
const ulid = "01JXCQ00000000000000000000"
const campaignId = Ids.campaignId(ulid)
const leadId = Ids.leadId(ulid, 7)
const messageId = Ids.messageId(Ids.WorkspaceId.make("acme_1"), campaignId, leadId, 2)

const messageIds = fc.array(fc.constantFrom("msg_a", "msg_b", "msg_c", "msg_d"), { maxLength: 5 })
const eventBody = fc.oneof(
  fc.record({ kind: fc.constantFrom("message.sent", "reply.received"), messageIds }),
  fc.record({
    kind: fc.constant("message.bounced"),
    messageIds,
    bounceType: fc.constantFrom("hard", "soft")
  }),
  fc.record({
    kind: fc.constantFrom("campaign.started"),
    leadsEnrolled: fc.nat({ max: 9 }),
    queuedMessages: fc.nat({ max: 9 })
  }),
  fc.record({ kind: fc.constant("campaign.paused") })
)

/** A log of events. */
const logs = fc.array(eventBody, { maxLength: 8 }).map((bodies) =>
  bodies.map(
    (body, index): Events.ReadEvent =>
      ({
        ...body,
        campaignId,
        leadIds: [],
        sequence: index + 1,
        at: now + index,
        cursor: `${index + 1}.00000000`
      }) as unknown as Events.ReadEvent
  )
)

const kindsOf = fc.subarray([...webhookEvents], { minLength: 1 })

describe("which events make deliveries", () => {
  it("batches of any size, read by pages of any size, tell each fact once, in order", () => {
    fc.assert(
      fc.property(
        logs,
        kindsOf,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 5 }),
        (log, kinds, limit, pageSize) => {
          const expected = log.flatMap(({ kind, ...event }) =>
            kinds.some((one) => one === kind)
              ? ("messageIds" in event ? event.messageIds : [null]).map(
                  (id) => `${event.sequence} ${kind} ${id}`
                )
              : []
          )
          const told: Array<string> = []
          let position: EventPosition = { cursor: null, offset: 0 }
          const cursorIndex = () => log.findIndex(({ cursor }) => cursor === position.cursor)
          for (let turns = 0; turns < 200 && cursorIndex() < log.length - 1; turns++) {
            const start = cursorIndex() + 1
            const batch = nextBatch(log.slice(start, start + pageSize), position, { kinds, limit })
            expect(batch.told.length).toBeLessThanOrEqual(limit)
            expect(batch.to).not.toEqual(position)
            told.push(
              ...batch.told.map(
                ({ at, subject }) =>
                  `${at - now + 1} ${subject.kind} ${"messageId" in subject ? subject.messageId : null}`
              )
            )
            position = batch.to
          }
          expect(told).toEqual(expected)
        }
      )
    )
  })

  it("the id follows from the fact alone, and a campaign that starts again is another fact", async () => {
    const told = (sequence: number, kind: string, more: object = {}): Told | undefined => {
      const event = { kind, campaignId, leadIds: [], sequence, at: now, cursor: `${sequence}.0`, ...more }
      const events = [event as unknown as Events.ReadEvent]
      return nextBatch(events, { cursor: null, offset: 0 }, { kinds: webhookEvents, limit: 1 }).told[0]
    }
    const idOf = (one: Told | undefined) => deliveryId(one?.key ?? "")
    const sent = { messageIds: [messageId] }
    expect(await idOf(told(1, "message.sent", sent))).toBe(await idOf(told(9, "message.sent", sent)))
    expect(await idOf(told(1, "message.sent", sent))).toMatch(/^evt_[0-9a-f]{32}$/)
    const ids = await Promise.all([
      idOf(told(1, "message.sent", sent)),
      idOf(told(1, "reply.received", sent)),
      idOf(told(1, "message.bounced", { ...sent, bounceType: "soft" })),
      idOf(told(1, "message.bounced", { ...sent, bounceType: "hard" })),
      idOf(told(1, "campaign.started")),
      idOf(told(2, "campaign.started"))
    ])
    expect(new Set(ids).size).toBe(6)
  })
})

describe("bodies", () => {
  const parsed = (subject: Subject) => JSON.parse(bodyOf({ subject, at: now }))
  const ids = { messageId, campaignId, leadId, sequenceStep: 2 }

  it("have the published envelope, and ids in place of people", () => {
    expect(parsed({ kind: "message.sent", messageId })).toEqual({
      event: "message.sent",
      timestamp: "2026-05-01T00:00:00Z",
      data: ids
    })
    expect(parsed({ kind: "message.bounced", messageId, bounceType: "hard" }).data).toEqual({
      ...ids,
      bounceType: "hard",
      bounceReason: null
    })
    expect(parsed({ kind: "reply.received", messageId }).data).toEqual({
      reply: {
        id: `rpl_${messageId.slice("msg_".length)}`,
        ...ids,
        receivedAt: "2026-05-01T00:00:00Z"
      }
    })
    const started = { campaignId, leadsEnrolled: 3, queuedMessages: 2 }
    expect(parsed({ kind: "campaign.started", ...started }).data).toEqual(started)
    expect(parsed({ kind: "webhook.test", webhookId: "wh_1" }).data).toEqual({ webhookId: "wh_1" })
    expect(parsed({ kind: "webhook.disabled", webhookId: "wh_1", reason: "gone" }).data).toEqual({
      webhookId: "wh_1",
      reason: "gone"
    })
  })
})

const answered = (status: number, retryAfter?: string): WebhookAnswer => ({
  kind: "answered",
  status,
  retryAfter
})

const statuses = fc.constantFrom(199, 200, 204, 299, 300, 301, 400, 410, 429, 500, 503)

/** Texts of `Retry-After`: seconds, dates and neither. */
const retryAfters = fc.oneof(
  fc.integer({ min: 0, max: 200_000 }).map(String),
  fc.integer({ min: -9_000, max: 200_000 }).map((seconds) => new Date(now + seconds * 1_000).toUTCString()),
  fc.constantFrom("", "soon", "-1", "1.5", "9".repeat(400), "2027", "2026-05-02")
)

const answers: fc.Arbitrary<WebhookAnswer> = fc.oneof(
  fc.constantFrom<WebhookAnswer>({ kind: "timed_out" }, { kind: "connection_failed" }, { kind: "lost" }),
  fc.tuple(statuses, fc.option(retryAfters, { nil: undefined })).map((each) => answered(...each))
)

const delivery: WebhookDelivery = {
  id: "evt_1",
  webhookId: "wh_1",
  subject: { kind: "message.sent", messageId },
  at: now,
  createdAt: now,
  state: { kind: "pending", nextAt: now },
  attempts: 1,
  attemptsBefore: 0,
  lastAttempt: null
}

const active: Pick<Webhook, "health" | "status"> = { status: { state: "active" }, health: healthy }

describe("attempts", () => {
  it("come 1, 5 and 30 minutes, 2 and 8 hours after one another, and then never again", () => {
    const waits: Array<number | null> = []
    let [one, at] = [delivery, now]
    for (let attempt = 1; attempt <= 6; attempt++) {
      const { state } = afterAttempt({ ...one, attempts: attempt }, active, {
        answer: answered(500),
        now: at,
        millis: 5
      }).delivery
      waits.push(state.kind === "pending" ? (state.nextAt - at) / 60_000 : null)
      if (state.kind === "pending") at = state.nextAt
      one = { ...one, state }
    }
    expect(waits).toEqual([1, 5, 30, 120, 480, null])
    expect(one.state).toEqual({ kind: "failed", endedAt: at })
  })

  it("end with a 2xx and with nothing else; a delivery that is asked for again has as many", () => {
    fc.assert(
      fc.property(fc.array(answers, { minLength: 1, maxLength: 12 }), fc.nat({ max: 9 }), (given, before) => {
        let one: WebhookDelivery = { ...delivery, attempts: before, attemptsBefore: before }
        let made = 0
        for (const answer of given) {
          if (one.state.kind !== "pending") break
          one = { ...one, attempts: one.attempts + 1 }
          made++
          expect(isExhausted(one)).toBe(false)
          one = { ...one, ...afterAttempt(one, active, { answer, now: now + made, millis: 5 }).delivery }
        }
        const is2xx = ({ kind, ...more }: WebhookAnswer) =>
          kind === "answered" && /^2/.test(String("status" in more ? more.status : ""))
        const firstSuccess = given.findIndex(is2xx)
        const most = attemptsFor(one)
        expect(most).toBe(6)
        expect(made).toBe(Math.min(firstSuccess === -1 ? given.length : firstSuccess + 1, most))
        const last = given[made - 1]
        const ended = last !== undefined && is2xx(last) ? "delivered" : made === most ? "failed" : "pending"
        expect(one.state.kind).toBe(ended)
        expect(isExhausted({ ...one, attempts: before + most + 1 })).toBe(true)
      })
    )
  })

  it("come as late as Retry-After of a 429 or 503 asks, never before the schedule, and within a day", () => {
    const minutesTo = (answer: WebhookAnswer, attempts = 1): number | null => {
      const { state } = afterAttempt({ ...delivery, attempts }, active, { answer, now, millis: 5 }).delivery
      return state.kind === "pending" ? (state.nextAt - now) / 60_000 : null
    }
    const dateIn = (minutes: number) => new Date(now + minutes * 60_000).toUTCString()
    expect(minutesTo(answered(429, "600"))).toBe(10)
    expect(minutesTo(answered(503, dateIn(20)))).toBe(20)
    expect(minutesTo(answered(503, "59"))).toBe(1)
    expect(minutesTo(answered(503, "61"))).toBe(61 / 60)
    expect(minutesTo(answered(429, dateIn(-5)))).toBe(1)
    expect(minutesTo(answered(429, "600"), 3)).toBe(30)
    expect(minutesTo(answered(429, "86400"), 5)).toBe(1_440)
    expect(minutesTo(answered(429, "86401"), 5)).toBe(1_440)
    expect(minutesTo(answered(429, "9".repeat(400)))).toBe(1_440)
    expect(minutesTo(answered(429, "600"), 6)).toBeNull()
    for (const status of [301, 400, 408, 410, 500, 502, 504])
      expect(minutesTo(answered(status, "600"))).toBe(1)
    for (const text of ["", "soon", "-600", "1e3", "600, 900", "2027-01-01", "0x258"])
      expect(minutesTo(answered(429, text))).toBe(1)
  })

  it("whatever Retry-After says, are as many, at the schedule's time or up to a day after the failure", () => {
    fc.assert(
      fc.property(answers, fc.integer({ min: 1, max: 6 }), (answer, attempts) => {
        const of = (one: WebhookAnswer) =>
          afterAttempt({ ...delivery, attempts }, active, { answer: one, now, millis: 5 }).delivery
        const { lastAttempt, state } = of(answer)
        const scheduled = of(answer.kind === "answered" ? answered(answer.status) : answer).state
        expect(state.kind).toBe(scheduled.kind)
        if (state.kind === "pending" && scheduled.kind === "pending") {
          expect(state.nextAt).toBeGreaterThanOrEqual(scheduled.nextAt)
          expect(state.nextAt).toBeLessThanOrEqual(Math.max(scheduled.nextAt, now + maxRetryAfterMillis))
        }
        // Only the status of an answer is kept.
        expect(Object.keys(lastAttempt?.outcome ?? {})).not.toContain("retryAfter")
      })
    )
  })

  it("answered with 410 keep their delivery for an endpoint that is enabled again", () => {
    const ended = afterAttempt(delivery, active, { answer: answered(410), now, millis: 5 })
    expect(ended.webhook.status).toEqual({ state: "disabled", reason: "gone", at: now })
    expect(ended.delivery.state).toEqual({ kind: "pending", nextAt: now + 60_000 })
    const requested = { state: "disabled", reason: "requested", at: now - 1 } as const
    const other = { ...active, status: requested }
    expect(afterAttempt(delivery, other, { answer: answered(410), now, millis: 5 }).webhook.status).toBe(
      requested
    )
  })

  it("of a test are one", () => {
    const test: WebhookDelivery = { ...delivery, subject: { kind: "webhook.test", webhookId: "wh_1" } }
    const ended = afterAttempt(test, active, { answer: answered(404), now, millis: 5 })
    expect(ended.delivery.state).toEqual({ kind: "failed", endedAt: now })
    expect(isExhausted({ ...test, attempts: 2 })).toBe(true)
  })

  it("disable an endpoint that is gone, or has failed for three days and two events without a success since", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(answers, fc.integer({ min: 0, max: 20 })), { minLength: 1, maxLength: 40 }),
        (attempts) => {
          let endpoint = active
          let at = now
          let failures: Array<number> = []
          for (const [answer, hours] of attempts) {
            at += hours * 3_600_000
            const before = endpoint.status
            endpoint = afterAttempt(delivery, endpoint, { answer, now: at, millis: 5 }).webhook
            failures = endpoint.health.failures === 0 ? [] : [...failures, at]
            if (before.state === "disabled") {
              expect(endpoint.status).toBe(before)
              continue
            }
            const [first = at] = failures
            const isFailing = at - first >= failingMillis && failures.length >= failingAttempts
            const isGone = "status" in answer && answer.status === 410
            expect(endpoint.status).toEqual(
              isGone || isFailing
                ? { state: "disabled", reason: isGone ? "gone" : "failing", at }
                : { state: "active" }
            )
          }
        }
      )
    )
    expect(failingAttempts).toBe(2 * (1 + retrySeconds.length))
  })

  it("tell a slow endpoint from a prompt one", () => {
    const isSlow = (answer: WebhookAnswer, millis: number) =>
      afterAttempt(delivery, active, { answer, now, millis }).webhook.health.isSlow
    expect([isSlow(answered(200), 2_000), isSlow(answered(200), 2_001), isSlow(answered(500), 1)]).toEqual([
      false,
      true,
      true
    ])
  })
})

describe("signatures", () => {
  const body = bodyOf(delivery)

  it("are taken by the receiver of Standard Webhooks, and those of another body, time or secret are not", async () => {
    const secret = drawSecret()
    const headers = await signedHeaders({ id: "evt_1", now: Date.now(), body, secrets: [secret] })
    expect(new StandardWebhook(secret).verify(body, headers)).toEqual(JSON.parse(body))
    expect(() => new StandardWebhook(secret).verify(`${body} `, headers)).toThrow()
    expect(() => new StandardWebhook(drawSecret()).verify(body, headers)).toThrow()
    const old = await signedHeaders({ id: "evt_1", now: Date.now() - 600_000, body, secrets: [secret] })
    expect(() => new StandardWebhook(secret).verify(body, old)).toThrow("timestamp")
  })

  it("of the published header are the HMAC of the raw body under the text of the secret", async () => {
    const secret = drawSecret()
    const headers = await signedHeaders({ id: "evt_1", now, body, secrets: [secret] })
    expect(headers["x-leadterra-signature"]).toBe(createHmac("sha256", secret).update(body).digest("hex"))
    expect(headers["webhook-timestamp"]).toBe(String(now / 1_000))
  })

  it("are of both secrets while they rotate, until the stated time", async () => {
    const [older, old, current] = [drawSecret(), drawSecret(), drawSecret()]
    const first = rotate({ current: older, previous: null }, old, { now, keepSeconds: 60 })
    const secrets = rotate(first, current, { now, keepSeconds: 60 })
    expect(secrets).toEqual({ current, previous: { secret: old, until: now + 60_000 } })
    expect(signingSecrets(secrets, now + 59_999)).toEqual([current, old])
    expect(signingSecrets(secrets, now + 60_000)).toEqual([current])
    expect(rotate(secrets, older, { now, keepSeconds: 0 }).previous).toBeNull()
    const headers = await signedHeaders({
      ...{ id: "evt_1", now: Date.now(), body },
      secrets: signingSecrets(secrets, now)
    })
    for (const secret of [old, current])
      expect(new StandardWebhook(secret).verify(body, headers)).toEqual(JSON.parse(body))
    expect(() => new StandardWebhook(older).verify(body, headers)).toThrow()
    const hex = (secret: string) => createHmac("sha256", secret).update(body).digest("hex")
    expect(headers["x-leadterra-signature"]).toBe(`${hex(current)},${hex(old)}`)
  })

  it("come of secrets of 256 random bits", () => {
    const secret = drawSecret()
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect(secret).not.toBe(drawSecret())
  })
})
