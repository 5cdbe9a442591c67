/** Crews of processes on one store, and the replay of what they did, in the order of the journal, on the model. */
import { type ChildProcessByStdio, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Readable, Writable } from "node:stream"
import { MemoryRepository } from "@leadterra/adapter-memory"
import { at, given, noon, observe } from "@leadterra/conformance"
import { Campaigns, Events, Leads, Repository } from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { onTestFinished } from "vitest"
import { on } from "../on.ts"
import { type Plan, perform, type Ref } from "./calls.ts"
import { openStore, type StoreName } from "./store.ts"

/** What a member is told to do: the calls `from` to `to`, the last one excluded. */
export interface Task {
  readonly store: StoreName
  readonly journal: string
  readonly plan: Plan
  readonly ref: Ref
  readonly member: number
  readonly from: number
  readonly to: number
}

/** A member that is up and waits. `work` sets it going, and gives what it was seen to do once it has ended. */
export interface Member {
  readonly child: ChildProcessByStdio<Writable, Readable, null>
  readonly work: () => Promise<Seen>
  /** Waits until its n-th transaction has begun, counted from 0. */
  readonly began: (transaction: number) => Promise<void>
}

/** What a member was seen to do. */
export interface Seen {
  /** The calls whose transaction had begun. */
  readonly began: ReadonlyArray<number>
  /** The digests of the answers that came, by call. */
  readonly ended: ReadonlyMap<number, string>
}

const workspaceId = "w"
const steps = Array(2).fill({ subject: "Hi {{firstName}}", bodyHtml: "<p>{{plan}}</p>" })

/** A campaign that runs, with the whole crowd in it. */
const opening = Effect.gen(function* () {
  const { id: campaignId } = yield* Campaigns.create({ workspaceId, name: "c", steps })
  const ref: Ref = { workspaceId, campaignId }
  yield* Leads.bulkUpsert({ ...ref, leads: given.keys.map((email) => ({ email })) })
  yield* Campaigns.start(ref)
  return ref
}).pipe(at(noon))

/** A store with the opening on it, by default a file, and the model with the same. */
export const scene = async (plan: Plan, named?: StoreName) => {
  const folder = mkdtempSync(join(tmpdir(), "leadterra-processes-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const filename = join(folder, "store.db")
  const store = named ?? { filename }
  const journal = join(folder, "journal")
  writeFileSync(journal, "")
  const onStore = <A, E>(effect: Effect.Effect<A, E, Repository>): Promise<A> =>
    Effect.runPromise(Effect.provide(effect, Layer.effect(Repository, openStore(store))))
  const ref = await onStore(opening)
  const model = MemoryRepository.make()
  const modelRef = await on(model, opening)
  return {
    filename,
    /** Brings up a member for its calls `from` to `to`, the last one excluded. */
    member: async (member: number, from: number, to: number): Promise<Member> => {
      const task: Task = { store, journal, plan, ref, member, from, to }
      const script = join(import.meta.dirname, "member.ts")
      const child = spawn(process.execPath, [script, JSON.stringify(task)], {
        stdio: ["pipe", "pipe", "inherit"]
      })
      let output = ""
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        output += text
        child.emit("output")
      })
      const ended = once(child, "close")
      await once(child.stdout, "data")
      return {
        child,
        work: async () => {
          child.stdin.write("\n")
          await ended
          return seenIn(output)
        },
        began: async (transaction) => {
          while (seenIn(output).began.length <= transaction) await once(child, "output")
        }
      }
    },
    /** The calls of the journal, in the order of their transactions. */
    journal: (): ReadonlyArray<{ readonly member: number; readonly call: number }> =>
      Array.from(readFileSync(journal, "utf8").matchAll(/^(\d+) (\d+)$/gm), ([, member, call]) => ({
        member: Number(member),
        call: Number(call)
      })),
    /** Makes a call on the model, and gives the digest of its answer. */
    replay: (member: number, call: number): Promise<string> =>
      on(model, perform(plan, member, call, modelRef)),
    /** The whole state of the store and that of the model. */
    states: async (): Promise<{ readonly stored: unknown; readonly model: unknown }> => ({
      stored: await onStore(whole),
      model: await on(model, whole)
    })
  }
}

/** The state, and the events that led to it, ids aside. */
const whole = Effect.gen(function* () {
  const { items } = yield* Events.read({ workspaceId, limit: 1_000 })
  // A cursor checks the ids too.
  const events = JSON.stringify(items.map(({ cursor: _, ...event }) => event)).replace(
    /[0-9A-HJKMNP-TV-Z]{26}/g,
    "ULID"
  )
  return { ...(yield* observe(workspaceId)), events }
})

const seenIn = (output: string): Seen => ({
  began: Array.from(output.matchAll(/^began (\d+)$/gm), ([, call]) => Number(call)),
  ended: new Map(
    Array.from(output.matchAll(/^ended (\d+) (\S{12})$/gm), ([, call, digest = ""]) => [Number(call), digest])
  )
})
