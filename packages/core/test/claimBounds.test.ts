/** Claims and records in pieces: what one decision is about, and the moment that it counts from. */
import { MemoryRepository } from "@leadterra/adapter-memory"
import { at, noon } from "@leadterra/conformance"
import {
  Campaigns,
  Delivery,
  Ids,
  Leads,
  Limits,
  Repository,
  RepositoryError,
  StoreBusy,
  Suppression
} from "@leadterra/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { turnsDuring } from "../../../test/turnsDuring.ts"

interface Decision {
  readonly workspaceId: string
  readonly messages: number
  /** The messages that it changed, and the campaigns that it saw. */
  changed: number
  campaigns: number
}

/** A memory store that keeps a list of its decisions about messages. `before` runs before each. */
const watched = (before: Effect.Effect<void, RepositoryError> = Effect.void) => {
  const decisions: Array<Decision> = []
  const sound = MemoryRepository.make()
  const store: Repository["Service"] = {
    ...sound,
    decide: (scope, rule) => {
      const { due, messages, workspaceId } = scope
      if (due === undefined && messages === undefined) return sound.decide(scope, rule)
      const decision = {
        workspaceId,
        messages: due?.limit ?? messages?.length ?? 0,
        changed: 0,
        campaigns: 0
      }
      decisions.push(decision)
      const watchedRule: typeof rule = (snapshot) => {
        const decided = rule(snapshot)
        decision.campaigns = new Set(Array.from(snapshot.messages.values(), (each) => each.campaign.id)).size
        for (const change of Result.isSuccess(decided) ? decided.success.changes : [])
          if (change._tag === "MessagesChanged") decision.changed += change.messages.length
        return decided
      }
      return Effect.andThen(before, sound.decide(scope, watchedRule))
    }
  }
  const run = <A, E>(program: Effect.Effect<A, E, Repository>) =>
    Effect.runPromise(Effect.provideService(at(noon)(program), Repository, store))
  return { decisions, run }
}

const running = Effect.fnUntraced(function* (
  workspaceId: string,
  leads: number,
  step = { subject: "s", bodyHtml: "b" },
  fields: object = {}
) {
  const { id: campaignId } = yield* Campaigns.create({ workspaceId, name: "c", steps: [step] })
  const ref = { workspaceId, campaignId }
  const rows = Array.from({ length: leads }, (_, index) => ({ email: `a${index}@x.com`, ...fields }))
  yield* Leads.bulkUpsert({ ...ref, leads: rows })
  yield* Campaigns.start(ref)
  return ref
})

/** A campaign whose messages are too large to be rendered: claims end them. */
const oversized = (workspaceId: string, leads: number) =>
  running(workspaceId, leads, { subject: "s", bodyHtml: "{{a}}".repeat(200) }, { a: "'".repeat(1_100) })

describe("the bounds of a claim", () => {
  it("DE-4: a tenant whose messages all end holds up neither the event loop nor another tenant", async () => {
    const { decisions, run } = watched()
    const left = await run(
      Effect.gen(function* () {
        const ref = yield* oversized("hostile", 2_600)
        yield* running("small", 2)
        return ref
      })
    )
    for (const stillQueued of [1_600, 600]) {
      decisions.length = 0
      let claimed: ReadonlyArray<Delivery.ClaimedMessage> = []
      const turns = await turnsDuring(async () => {
        claimed = await run(Delivery.claim({ limit: 2, leaseSeconds: 60 }))
      })
      expect(turns).toBeGreaterThanOrEqual(decisions.length - 1)
      const { queued } = await run(Campaigns.stats(left))
      // The decision that reaches the bound is whole.
      expect(queued).toBeLessThanOrEqual(stillQueued)
      expect(queued).toBeGreaterThan(stillQueued - Limits.maxMessagesInDecision * 2)
      if (stillQueued === 1_600)
        expect(new Set(claimed.map(({ workspaceId }) => workspaceId))).toEqual(new Set(["small"]))
    }
  })

  it("DE-4: a claim that has ended a thousand messages returns, and the next one goes on", async () => {
    const { decisions, run } = watched()
    await run(oversized("w", 1_100))
    await run(
      Effect.gen(function* () {
        yield* running("w", 1).pipe(at(noon + 1))
        const claim = Delivery.claim({ workspaceId: "w", limit: 1_000 }).pipe(at(noon + 1))
        expect(yield* claim).toEqual([])
        const ended = decisions.reduce((sum, { changed }) => sum + changed, 0)
        expect(ended).toBeGreaterThanOrEqual(Limits.maxEndedInClaim)
        expect(ended).toBeLessThan(Limits.maxEndedInClaim + Limits.maxMessagesInDecision)
        expect(yield* claim).toMatchObject([{ to: "a0@x.com" }])
      })
    )
  })

  it("DE-2, TK-6: a decision renders 16 MB at most, of messages that it refuses too, and the claim goes on", async () => {
    const { decisions, run } = watched()
    await run(oversized("w", 250))
    await run(at(noon + 1)(running("w", 1)))
    let claimed: ReadonlyArray<Delivery.ClaimedMessage> = []
    const turns = await turnsDuring(async () => {
      claimed = await run(at(noon + 1)(Delivery.claim({ workspaceId: "w", limit: 250 })))
    })
    expect(claimed.map(({ to }) => to)).toEqual(["a0@x.com"])
    // A message is refused when a megabyte of it has been rendered.
    const most = Limits.maxRenderedInDecision / Limits.maxRenderedBytes
    expect(Math.max(...decisions.map(({ changed }) => changed))).toBe(most)
    expect(turns).toBeGreaterThanOrEqual(Math.floor(250 / most))
  })

  it("DE-2: a claim from 120 campaigns is decided over 50 campaigns at a time, in one order", async () => {
    const { decisions, run } = watched()
    await run(Effect.forEach(Array.from({ length: 120 }), () => running("w", 2)))
    const claimed = await run(Delivery.claim({ workspaceId: "w", limit: 1_000 }))
    const ids = claimed.map(({ campaignId }) => campaignId)
    expect(claimed).toHaveLength(240)
    expect(ids).toEqual(ids.toSorted())
    expect(decisions.map(({ campaigns }) => campaigns)).toEqual([50, 50, 20])
    decisions.length = 0
    const reports = claimed.map(({ messageId }) => ({ messageId, type: "sent" as const }))
    expect(await run(Delivery.record({ reports }))).toMatchObject({ recorded: 240 })
    expect(decisions.map(({ campaigns, messages }) => [campaigns, messages])).toEqual([
      [50, 100],
      [50, 100],
      [20, 40]
    ])
  })

  it("DE-2: a large claim is decided over 250 messages at a time, with a turn between, in one order", async () => {
    const { decisions, run } = watched()
    await run(running("w", 1_100))
    let claimed: ReadonlyArray<Delivery.ClaimedMessage> = []
    const turns = await turnsDuring(async () => {
      claimed = await run(Delivery.claim({ workspaceId: "w", limit: 1_000 }))
    })
    expect(claimed.map(({ to }) => to)).toEqual(
      Array.from({ length: 1_000 }, (_, index) => `a${index}@x.com`)
    )
    expect(new Set(claimed.map(({ claimToken }) => claimToken)).size).toBe(1)
    expect(decisions.map(({ messages }) => messages)).toEqual([250, 250, 250, 250])
    expect(turns).toBeGreaterThanOrEqual(3)
    expect(await run(Delivery.claim({ workspaceId: "w", limit: 1_000 }))).toHaveLength(100)
    expect(decisions).toHaveLength(5)
  })
})

describe("reports in pieces", () => {
  const messageIds = Effect.map(Delivery.claim({ workspaceId: "w", limit: 1_000 }), (claimed) =>
    claimed.map(({ claimToken, messageId }) => ({ claimToken, messageId }))
  )

  it("DE-3, DE-4: reports, releases and extensions are decided over 250 messages at a time, in order", async () => {
    const { decisions, run } = watched()
    await run(running("w", 600))
    const messages = await run(messageIds)
    const reports = ["opened", "replied"].flatMap((type) =>
      messages.map(({ messageId }) => ({ messageId, type: type as "opened" | "replied" }))
    )
    const calls = [
      Delivery.extend({ messages, leaseSeconds: 600 }),
      Delivery.record({ reports }),
      Delivery.release({ messages })
    ]
    for (const [index, call] of calls.entries()) {
      decisions.length = 0
      let answer: Delivery.RecordAnswer | undefined
      const turns = await turnsDuring(async () => {
        answer = await run(call)
      })
      const sizes = decisions.map(({ messages }) => messages)
      expect(sizes).toEqual(index === 1 ? [250, 250, 250, 250, 200] : [250, 250, 100])
      expect(turns).toBeGreaterThanOrEqual(sizes.length - 1)
      expect(answer?.outcomes.map(({ index }) => index)).toEqual([...(answer?.outcomes ?? []).keys()])
      expect(answer).toMatchObject(index === 2 ? { ignored: 600 } : { ignored: 0, failed: 0 })
    }
  })

  it("DE-3: many reports about few messages are one decision", async () => {
    const { decisions, run } = watched()
    await run(running("w", 250))
    const messages = await run(messageIds)
    decisions.length = 0
    const reports = [...messages, ...messages].map(({ messageId }) => ({
      messageId,
      type: "opened" as const
    }))
    expect(await run(Delivery.record({ reports }))).toMatchObject({ recorded: 250, repeated: 250 })
    expect(decisions).toMatchObject([{ workspaceId: "w", messages: 250 }])
  })

  it("DE-3: when a piece fails in the store, those after it in the workspace may come again too", async () => {
    let decided = 0
    const busy = new RepositoryError({ operation: "decide", reason: new StoreBusy() })
    const { decisions, run } = watched(
      Effect.suspend(() => (++decided === 5 ? Effect.fail(busy) : Effect.void))
    )
    await run(running("w", 600))
    await run(running("other", 1))
    const messages = await run(messageIds)
    const [other] = await run(Delivery.claim({ workspaceId: "other" }))
    decided = 3
    decisions.length = 0
    const reports = [...messages, { messageId: other?.messageId ?? "" }].map(({ messageId }) => ({
      messageId,
      type: "sent" as const
    }))
    const { outcomes, ...counts } = await run(Delivery.record({ reports }))
    expect(counts).toEqual({ recorded: 251, repeated: 0, ignored: 0, failed: 350 })
    expect(decisions.map(({ workspaceId }) => workspaceId)).toEqual(["w", "w", "other"])
    const failed = outcomes.filter(({ outcome }) => outcome === "failed")
    expect(failed.map(({ index }) => index)).toEqual(Array.from({ length: 350 }, (_, index) => 250 + index))
    for (const each of failed)
      expect(each).toMatchObject({ retryable: true, issues: [{ reason: "NotStored" }] })
    expect(await run(Delivery.record({ reports }))).toMatchObject({ recorded: 350, repeated: 251 })
  })
})

describe("a store that has to be waited for", () => {
  const wait = 6_000
  /** Runs a program on a clock that goes on by a few seconds before each decision about messages. */
  const waiting = <A, E>(program: Effect.Effect<A, E, Repository>) => {
    let now = noon
    const { run } = watched(
      Effect.sync(() => {
        now += wait
      })
    )
    const onClock = Effect.flatMap(Clock.Clock, (live) =>
      Effect.provideService(program, Clock.Clock, {
        ...live,
        currentTimeMillisUnsafe: () => now,
        currentTimeMillis: Effect.sync(() => now)
      })
    )
    return run(onClock)
  }

  it("DE-1: a lease counts from the decision, in each workspace, and so does its extension", () =>
    waiting(
      Effect.gen(function* () {
        yield* running("one", 1)
        yield* running("two", 1)
        const claimed = yield* Delivery.claim({ leaseSeconds: 5 })
        expect(claimed.map(({ leasedUntil }) => leasedUntil)).toEqual([
          noon + wait + 5_000,
          noon + 2 * wait + 5_000
        ])
        const messages = claimed.slice(1)
        expect(yield* Delivery.extend({ messages, leaseSeconds: 5 })).toMatchObject({ ignored: 1 })
        const again = yield* Delivery.claim({ workspaceId: "one", leaseSeconds: 60 })
        expect(again).toMatchObject([{ attempt: 2, leasedUntil: noon + 4 * wait + 60_000 }])
        expect(yield* Delivery.extend({ messages: again, leaseSeconds: 60 })).toMatchObject({ recorded: 1 })
        const repository = yield* Repository
        const ids = again.map(({ messageId }) => messageId)
        const found = yield* repository.read({ workspaceId: Ids.WorkspaceId.make("one"), messages: ids })
        expect([...found.messages.values()]).toMatchObject([
          { message: { lease: { until: noon + 5 * wait + 60_000 } } }
        ])
      })
    ))

  it("DE-3, SU-2: a report without a time, and the suppression that it causes, are of the decision", () =>
    waiting(
      Effect.gen(function* () {
        const ref = yield* running("w", 1)
        const [message] = yield* Delivery.claim({ workspaceId: "w" })
        const reports = [{ messageId: message?.messageId ?? "", type: "unsubscribed" as const }]
        yield* Delivery.record({ reports })
        const { messages } = yield* Leads.explain({ ...ref, email: "a0@x.com" })
        expect(messages).toMatchObject([{ unsubscribedAt: noon + 2 * wait }])
        const [checked] = yield* Suppression.check({ workspaceId: "w", emails: ["a0@x.com"] })
        expect(checked?.suppression).toMatchObject({ suppressedAt: noon + 2 * wait })
      })
    ))
})
