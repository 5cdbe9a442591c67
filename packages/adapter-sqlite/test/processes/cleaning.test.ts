/**
 * FAULTS 43: a process that dies after the commit of an erasure, at any statement of the cleaning
 * that follows.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { open } from "@leadterra/core/promise"
import Database from "better-sqlite3"
import { expect, it, onTestFinished } from "vitest"
import { SqliteRepository } from "../../src/index.ts"
import type { Death } from "./cleanAndDie.ts"

const workspaceId = "w"
const email = "zoe.quill@mail-of-zoe.example.com"
const parts = ["", "-wal", "-shm"]

const holds = (filename: string): boolean =>
  parts.some((part) => existsSync(filename + part) && readFileSync(filename + part).includes("zoe"))

const reopened = async <A>(
  filename: string,
  use: (engine: Awaited<ReturnType<typeof open>>) => Promise<A>
) => {
  const engine = await open(SqliteRepository.layer({ filename }))
  try {
    return await use(engine)
  } finally {
    await engine.close()
  }
}

const folder = mkdtempSync(join(tmpdir(), "leadterra-cleaning-"))

it("ER-1: leaves a mark, and the next opening takes the person out of the file", async () => {
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const original = join(folder, "original.db")
  await reopened(original, async ({ campaigns, leads }) => {
    const { id: campaignId } = await campaigns.create({ workspaceId, name: "c" })
    const others = Array.from({ length: 200 }, (_, i) => ({ email: `lead${i}@example.com`, company: "Acme" }))
    await leads.bulkUpsert({ workspaceId, campaignId, leads: [...others, { email, company: "zoe's" }] })
  })
  const die = async (statement: number) => {
    const filename = join(folder, `${statement}.db`)
    for (const part of parts) {
      if (existsSync(original + part)) copyFileSync(original + part, filename + part)
    }
    const death: Death = { filename, email, statement }
    const script = join(import.meta.dirname, "cleanAndDie.ts")
    const child = spawn(process.execPath, [script, JSON.stringify(death)], {
      stdio: ["ignore", "pipe", "inherit"]
    })
    const [printed, [, signal]] = await Promise.all([text(child.stdout), once(child, "exit")])
    return { filename, printed, signal }
  }
  const lived = await die(1_000)
  expect(lived.signal).toBe(null)
  expect(holds(lived.filename)).toBe(false)
  const total = Number(lived.printed)
  expect(total).toBeGreaterThan(3)
  for (let statement = 1; statement <= total; statement++) {
    const { filename, signal } = await die(statement)
    expect(signal, `statement ${statement}`).toBe("SIGKILL")
    // Nothing was cleaned before the first statement: here a store without the mark keeps the
    // person for ever.
    if (statement === 1) expect(holds(filename)).toBe(true)
    const { items } = await reopened(filename, async ({ leads, suppression }) => {
      expect(holds(filename), `the open file after statement ${statement}`).toBe(false)
      const [checked] = await suppression.check({ workspaceId, emails: [email] })
      expect(checked?.suppression?.reason).toBe("erased")
      return leads.list({ workspaceId, limit: 1_000 })
    })
    expect(items).toHaveLength(200)
    expect(holds(filename), `statement ${statement}`).toBe(false)
  }
})

it("ER-1: opens all the same while another reads, and cleans the file by the next erasure", async () => {
  const place = mkdtempSync(join(tmpdir(), "leadterra-cleaning-"))
  onTestFinished(() => rmSync(place, { recursive: true, force: true }))
  const filename = join(place, "store.db")
  const layer = SqliteRepository.layer({ filename, busyTimeoutMillis: 50 })
  const engine = await open(layer)
  const { id: campaignId } = await engine.campaigns.create({ workspaceId, name: "c" })
  await engine.leads.bulkUpsert({ workspaceId, campaignId, leads: [{ email }, { email: "b@example.com" }] })
  const reader = new Database(filename, { readonly: true })
  reader.exec("BEGIN")
  reader.prepare("SELECT count(*) FROM lead").get()
  await expect(engine.leads.erase({ workspaceId, emails: [email] })).rejects.toMatchObject({
    reason: { _tag: "StoreBusy" }
  })
  await engine.close()
  const again = await open(layer)
  onTestFinished(again.close)
  expect((await again.leads.list({ workspaceId })).items).toHaveLength(1)
  expect(holds(filename)).toBe(true)
  reader.close()
  await again.leads.erase({ workspaceId, emails: ["b@example.com"] })
  expect(holds(filename)).toBe(false)
})
