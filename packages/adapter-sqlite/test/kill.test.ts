import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Campaigns, Repository } from "@leadterra/core"
import Database from "better-sqlite3"
import * as Effect from "effect/Effect"
import { expect, it } from "vitest"
import { SqliteRepository } from "../src/index.ts"

const size = 200

const answeredWhenKilled = async (filename: string, after: number): Promise<number> => {
  const script = fileURLToPath(new URL("./enrollForever.ts", import.meta.url))
  const child = spawn(process.execPath, [script, filename, String(size)], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  const closed = once(child, "close")
  let output = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text
    if (output.split("\n").length > after) child.kill("SIGKILL")
  })
  await closed
  return Math.max(...output.split("\n").slice(0, -1).map(Number))
}

it.each([3, 10, 25])(
  "UP-6: a process that is killed after %i batches loses none that was answered and leaves none half",
  async (after) => {
    const folder = mkdtempSync(join(tmpdir(), "leadterra-sqlite-"))
    try {
      const filename = join(folder, "store.db")
      const answered = await answeredWhenKilled(filename, after)
      const counters = await Effect.runPromise(
        Effect.gen(function* () {
          const repository = yield* Repository
          const campaign = (yield* Campaigns.list({ workspaceId: "w" })).items[0]
          if (campaign === undefined) return yield* Effect.die("the campaign is there")
          return (yield* repository.read({ workspaceId: campaign.workspaceId, campaignId: campaign.id }))
            .counters
        }).pipe(Effect.provide(SqliteRepository.layer({ filename })))
      )
      expect(counters.enrolled).toBeGreaterThanOrEqual(answered * size)
      expect(counters.enrolled % size).toBe(0)
      const db = new Database(filename)
      const rowsOf = (table: string) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get()
      const stored = {
        leads: rowsOf("lead"),
        enrollments: rowsOf("enrollment"),
        check: db.pragma("integrity_check", { simple: true })
      }
      db.close()
      expect(stored).toEqual({ leads: counters.enrolled, enrollments: counters.enrolled, check: "ok" })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
)
