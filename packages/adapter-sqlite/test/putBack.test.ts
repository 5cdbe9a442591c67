/**
 * FAULTS 37: SQLite's backup interface puts a file back to an earlier state while stores have it
 * open.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Engine, open } from "@leadterra/core/promise"
import Database from "better-sqlite3"
import { expect, it, onTestFinished } from "vitest"
import { SqliteRepository } from "../src/index.ts"

const workspaceId = "w"
const steps = [{ subject: "s", bodyHtml: "b" }]

const copy = async (from: string, to: string): Promise<void> => {
  const db = new Database(from)
  await db.backup(to)
  db.close()
}

const idsOf = async ({ leads }: Engine): Promise<ReadonlyArray<readonly [email: string, id: string]>> =>
  (await leads.list({ workspaceId })).items.map(({ email, id }) => [email, id] as const)

it("ID-1, SU-1: two stores agree on every id after their file was put back, and a report by id reaches its own lead", async () => {
  const folder = mkdtempSync(join(tmpdir(), "leadterra-put-back-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const filename = join(folder, "leads.db")
  const one = await open(SqliteRepository.layer({ filename }))
  onTestFinished(one.close)
  const two = await open(SqliteRepository.layer({ filename }))
  onTestFinished(two.close)
  const { id: campaignId } = await one.campaigns.create({ workspaceId, name: "c", steps })
  const add = (engine: Engine, email: string) =>
    engine.leads.bulkUpsert({ workspaceId, campaignId, leads: [{ email }] })
  await add(one, "kept@example.com")
  await one.campaigns.start({ workspaceId, campaignId })
  await copy(filename, join(folder, "copy.db"))
  await add(one, "lost@example.com")
  // One store has seen the lead that is lost, the other has not.
  await idsOf(one)

  await copy(join(folder, "copy.db"), filename)
  await add(two, "after@example.com")
  const ids = await idsOf(two)
  expect(ids.map(([email]) => email)).toEqual(["kept@example.com", "after@example.com"])
  expect(await idsOf(one)).toEqual(ids)
  const claimed = await one.delivery.claim({ workspaceId })
  expect(claimed.map(({ lead, to }) => [to, lead.id])).toEqual(ids)
  const report = { messageId: claimed.at(-1)?.messageId ?? "", type: "unsubscribed" } as const
  expect(await two.delivery.record({ workspaceId, reports: [report] })).toMatchObject({ recorded: 1 })
  const { items } = await one.suppression.list({ workspaceId })
  expect(items.map(({ entry }) => entry)).toEqual(["after@example.com"])
})
