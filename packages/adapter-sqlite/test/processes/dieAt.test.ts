/** A process killed in place of any statement of an operation leaves all of it in the file, or nothing. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { observe } from "@leadterra/conformance"
import Database from "better-sqlite3"
import fc from "fast-check"
import { describe, expect, it, onTestFinished } from "vitest"
import { on } from "../../../../test/on.ts"
import { migrations } from "../../src/migrations.ts"
import { repositoryOn } from "../../src/repositoryOn.ts"
import { scene, still, workspaceId, writesOn } from "../operations.ts"
import type { Death } from "./dieAt.ts"

const nightly = process.env["NIGHTLY"] !== undefined
const seed = fc.readConfigureGlobal().seed ?? 0

const db = new Database(":memory:")
for (const migration of migrations) db.exec(migration)
const refs = await on(repositoryOn(db), still(scene))
const bytes = db.serialize()
db.close()

const script = join(import.meta.dirname, "dieAt.ts")

const stateOf = async (filename: string) => {
  const db = new Database(filename)
  try {
    expect(db.pragma("integrity_check", { simple: true })).toBe("ok")
    return await on(repositoryOn(db), observe(workspaceId))
  } finally {
    db.close()
  }
}

describe("a process killed at a statement", () => {
  it.each([...writesOn(refs).keys()])(
    "UP-6, DE-3, SU-2, ER-1: %s lands whole or not at all",
    async (operation) => {
      const folder = mkdtempSync(join(tmpdir(), "leadterra-death-"))
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
      const original = join(folder, "original.db")
      writeFileSync(original, bytes)
      const attempt = async (statement: number) => {
        const filename = join(folder, `${statement}.db`)
        copyFileSync(original, filename)
        const death: Death = { filename, refs, operation, statement }
        const child = spawn(process.execPath, [script, JSON.stringify(death)], {
          stdio: ["ignore", "pipe", "inherit"]
        })
        const [printed, [, signal]] = await Promise.all([text(child.stdout), once(child, "exit")])
        return { printed, signal, state: await stateOf(filename) }
      }
      const before = await stateOf(original)
      const { printed, signal, state: after } = await attempt(0)
      expect(signal).toBe(null)
      expect(after).not.toEqual(before)
      const total = Number(printed)
      // Of a gate's share the last three are always part: they stand around the commit.
      const statements = Array.from({ length: total }, (_, index) => index + 1)
      const share = nightly ? statements : statements.filter((n) => n > total - 3 || (n + seed) % 8 === 0)
      for (const statement of share) {
        const { signal, state } = await attempt(statement)
        expect(signal, `statement ${statement}`).toBe("SIGKILL")
        const whole = fc.stringify(state) === fc.stringify(after)
        expect(state, `statement ${statement} of ${total}`).toEqual(whole ? after : before)
        expect(whole, "no statement comes after the commit").toBe(false)
      }
    }
  )
})
