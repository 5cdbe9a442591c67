import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { observe } from "@leadterra/conformance"
import { Campaigns, Leads, type Repository, Suppression } from "@leadterra/core"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { expect, it, onTestFinished } from "vitest"
import { SqliteRepository } from "../../src/index.ts"
import type { ImportTask } from "./importer.ts"

const kills = process.env["NIGHTLY"] === undefined ? 10 : 100
const rows = 20_000
const workspaceId = "w"
const steps = [{ subject: "Hi {{firstName}}", bodyHtml: "<p>{{company}}</p>" }]

const on = <A, E>(filename: string, effect: Effect.Effect<A, E, Repository>): Promise<A> =>
  Effect.runPromise(Effect.provide(effect, SqliteRepository.layer({ filename })))

/** A campaign that runs, and a list of people who must not be mailed. */
const opening = Effect.gen(function* () {
  const { id: campaignId } = yield* Campaigns.create({ workspaceId, name: "c", steps })
  const ref = { workspaceId, campaignId }
  yield* Leads.bulkUpsert({ ...ref, leads: [{ email: "first@example.com" }] })
  yield* Campaigns.start(ref)
  yield* Suppression.add({ workspaceId, entries: ["lead5@example.com", "lead4000@example.com"] })
  return ref
})

const importing = (task: ImportTask) => {
  const child = spawn(process.execPath, [join(import.meta.dirname, "importer.ts"), JSON.stringify(task)], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  let output = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text
    child.emit("output")
  })
  const landed = () => Number(/.*landed (\d+)$/ms.exec(output)?.[1] ?? -1)
  return {
    child,
    /** Waits until so many rows have landed, or the child has ended. */
    reached: async (next: number) => {
      while (landed() < next && child.exitCode === null) await once(child, "output")
      return landed()
    },
    ended: once(child, "close")
  }
}

/** Everything but ids and times. */
const stateOf = (filename: string) =>
  on(
    filename,
    Effect.map(observe(workspaceId), (state) =>
      JSON.parse(JSON.stringify(state, (name, value) => (/At$/.test(name) ? undefined : value)))
    )
  )

it(`IM-1, UP-6: an import killed ${kills} times and run again ends in the state of one that was left alone`, async () => {
  const folder = mkdtempSync(join(tmpdir(), "leadterra-import-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const quiet = join(folder, "quiet.db")
  const killed = join(folder, "killed.db")
  const quietly = importing({ filename: quiet, ref: await on(quiet, opening), rows })
  await quietly.ended
  const task = { filename: killed, ref: await on(killed, opening), rows }
  const seed = fc.readConfigureGlobal().seed ?? 0
  const moments = fc.sample(fc.record({ landed: fc.nat({ max: rows - 500 }), millis: fc.nat({ max: 15 }) }), {
    seed,
    numRuns: kills
  })
  let lost = 0
  for (const { landed, millis } of moments) {
    const { child, ended, reached } = importing(task)
    await reached(landed)
    await sleep(millis)
    child.kill("SIGKILL")
    await ended
    const told = await reached(-1)
    if (told < rows) lost++
  }
  expect(lost, "imports that were killed on their way").toBeGreaterThan(kills / 2)
  await importing(task).ended
  expect(await stateOf(killed)).toEqual(await stateOf(quiet))
})
