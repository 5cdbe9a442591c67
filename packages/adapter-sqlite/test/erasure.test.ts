/**
 * What the files hold after an erasure: the database, its write-ahead log and its shared memory are read byte by byte, and
 * none has the address or a field of the person, be it in a page that was split, freed or overwritten.
 */
import { createHash } from "node:crypto"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Engine, open } from "@leadterra/core/promise"
import Database from "better-sqlite3"
import fc from "fast-check"
import { describe, expect, it, onTestFinished } from "vitest"
import { SqliteRepository } from "../src/index.ts"

const workspaceId = "w"
const nightly = process.env["NIGHTLY"] !== undefined

const newFile = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "leadterra-erasure-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, "store.db")
}

const opened = async (filename: string, busyTimeoutMillis = 5_000): Promise<Engine> => {
  const engine = await open(SqliteRepository.layer({ filename, busyTimeoutMillis }))
  onTestFinished(engine.close)
  return engine
}

const bytesOf = (filename: string): Buffer =>
  Buffer.concat(
    ["", "-wal", "-shm"]
      .map((part) => filename + part)
      .filter(existsSync)
      .map((path) => readFileSync(path))
  )

/** A person that no other is like: the text of each field is found nowhere else. */
const person = (name: string, round: string) => ({
  email: `${name.toUpperCase()}@Mail-${name}.example.com`,
  firstName: `first-${round}-${name}`,
  company: `company-${round}-${name}`.repeat(1 + (name.length % 3)),
  customFields: { note: `note-${round}-${name} `.repeat(1 + 20 * (name.charCodeAt(0) % 8)) }
})

const tracesOf = (name: string): ReadonlyArray<string> => [
  `${name}@mail-${name}.example.com`,
  `${name.toUpperCase()}@Mail-${name}`,
  `-${name}`
]

const found = (bytes: Buffer, names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.flatMap(tracesOf).filter((trace) => bytes.includes(trace))

describe("the files after an erasure", () => {
  const size = nightly ? 50_000 : 5_000

  it(`ER-1: hold nothing of who was erased among ${size} leads that came in any order and changed since`, async () => {
    const filename = newFile()
    const engine = await opened(filename)
    const another = await opened(filename)
    const { id: campaignId } = await engine.campaigns.create({
      workspaceId,
      name: "c",
      steps: [{ subject: "Hi {{firstName}}", bodyHtml: "{{note}}" }]
    })
    const ref = { workspaceId, campaignId }
    const seed = fc.readConfigureGlobal().seed ?? 0
    const names = Array.from({ length: size }, (_, i) =>
      createHash("sha256").update(`${seed} ${i}`).digest("hex").slice(0, 16)
    )
    for (const round of ["one", "two"]) {
      for (let from = 0; from < size; from += 1_000) {
        const leads = names.slice(from, from + 1_000).map((name) => person(name, round))
        const by = from % 2_000 === 0 ? engine : another
        expect(await by.leads.bulkUpsert({ ...ref, leads })).toMatchObject({ failed: 0 })
      }
    }
    await engine.campaigns.start(ref)
    const chosen = names.filter((_, index) => index % (size / 50) === 7)
    const listed = chosen.slice(0, 10).map((name) => person(name, "one").email)
    await engine.suppression.add({ workspaceId, entries: listed, reason: "asked by phone" })
    const claimed = await engine.delivery.claim({ workspaceId, limit: 1_000 })
    await engine.delivery.record({ reports: claimed.map(({ messageId }) => ({ messageId, type: "opened" })) })
    expect(found(bytesOf(filename), chosen.slice(0, 1)).length).toBeGreaterThan(0)

    const before = await engine.campaigns.stats(ref)
    for (let from = 0, size = 1; from < chosen.length; from += size, size *= 2) {
      const by = size % 4 === 1 ? engine : another
      const people = chosen.slice(from, from + size)
      const emails = people.map((name) => person(name, "two").email)
      expect(await by.leads.erase({ workspaceId, emails })).toMatchObject({ erased: people.length })
      expect(found(bytesOf(filename), people)).toEqual([])
    }
    expect(found(bytesOf(filename), chosen)).toEqual([])
    const { queued: _, ...after } = await engine.campaigns.stats(ref)
    expect(before).toMatchObject(after)
    const leads = chosen.map((name) => person(name, "three"))
    expect(await another.leads.bulkUpsert({ ...ref, leads })).toMatchObject({ skipped: chosen.length })
    expect(found(bytesOf(filename), chosen)).toEqual([])
    const kept = names.filter((name) => !chosen.includes(name)).slice(0, 20)
    expect(found(bytesOf(filename), kept).length).toBeGreaterThanOrEqual(kept.length)
  })

  it("ER-1: hold nothing of any of a crowd that came in small batches", async () => {
    const filename = newFile()
    const engine = await opened(filename)
    const { id: campaignId } = await engine.campaigns.create({ workspaceId, name: "c" })
    const names = Array.from({ length: nightly ? 1_000 : 150 }, (_, i) =>
      createHash("sha256").update(`n${i}`).digest("hex").slice(0, 12)
    )
    for (const round of ["one", "two"]) {
      for (let from = 0; from < names.length; from += 20) {
        const leads = names.slice(from, from + 20).map((name) => person(name, round))
        await engine.leads.bulkUpsert({ workspaceId, campaignId, leads })
      }
    }
    for (const [index, name] of names.entries()) {
      await engine.leads.erase({ workspaceId, emails: [person(name, "two").email] })
      if (index % 10 === 0) expect(found(bytesOf(filename), names.slice(0, index + 1))).toEqual([])
    }
    await engine.close()
    expect(found(bytesOf(filename), names)).toEqual([])
  })

  it("ER-1: know the address by a hash that no one can make without the secret of the file", async () => {
    const [one, other] = [newFile(), newFile()]
    const hashes = new Set<string>()
    for (const filename of [one, other]) {
      const engine = await opened(filename)
      for (const workspaceId of ["w", "v"])
        await engine.leads.erase({ workspaceId, emails: ["ava@acmecorp.com"] })
      const db = new Database(filename, { readonly: true })
      onTestFinished(() => void db.close())
      for (const hash of db.prepare<[], string>("SELECT hash FROM erasure").pluck().all()) hashes.add(hash)
      for (const encoding of ["hex", "base64"] as const) {
        const plain = createHash("sha256").update("ava@acmecorp.com").digest(encoding)
        expect(bytesOf(filename).includes(plain)).toBe(false)
      }
    }
    expect(hashes.size).toBe(4)
  })

  it("ER-1: are clean when it has answered; while somebody reads on for too long it is StoreBusy, and safe to retry", async () => {
    const filename = newFile()
    const engine = await opened(filename, 50)
    const { id: campaignId } = await engine.campaigns.create({ workspaceId, name: "c" })
    await engine.leads.bulkUpsert({ workspaceId, campaignId, leads: [person("0a1b2c3d", "one")] })
    const reader = new Database(filename, { readonly: true })
    onTestFinished(() => void reader.close())
    reader.exec("BEGIN")
    reader.prepare("SELECT count(*) FROM lead").get()
    const erase = () => engine.leads.erase({ workspaceId, emails: [person("0a1b2c3d", "one").email] })
    await expect(erase()).rejects.toMatchObject({ _tag: "RepositoryError", reason: { _tag: "StoreBusy" } })
    reader.exec("COMMIT")
    expect(await erase()).toMatchObject({ erased: 0 })
    expect(found(bytesOf(filename), ["0a1b2c3d"])).toEqual([])
    await expect(erase()).resolves.toMatchObject({ erased: 0 })
  })
})

// FAULTS 50
describe("an erasure that waits for a reader", () => {
  const waiting = async () => {
    const filename = newFile()
    const engine = await opened(filename, 20_000)
    const { id: campaignId } = await engine.campaigns.create({ workspaceId, name: "c" })
    const ref = { workspaceId, campaignId }
    for (let batch = 0; batch < 10; batch++) {
      const leads = Array.from({ length: 500 }, (_, i) => person(`${batch * 500 + i}f`, "one"))
      await engine.leads.bulkUpsert({ ...ref, leads })
    }
    const reader = new Database(filename, { readonly: true })
    onTestFinished(() => void reader.close())
    reader.exec("BEGIN")
    reader.prepare("SELECT count(*) FROM lead").get()
    const order: Array<string> = []
    const noted = async <A>(what: string, call: Promise<A>): Promise<A> => {
      const answer = await call
      order.push(what)
      return answer
    }
    const erased = noted("erasure", engine.leads.erase({ workspaceId, emails: [person("7f", "one").email] }))
    return { engine, erased, filename, noted, order, reader, ref }
  }

  it("ER-1: lets timers and reads go on, and decisions wait for it", async () => {
    const { engine, erased, filename, noted, order, reader, ref } = await waiting()
    const upserted = noted("upsert", engine.leads.bulkUpsert({ ...ref, leads: [person("new0", "one")] }))
    await noted("read", engine.leads.get({ workspaceId, email: person("8f", "one").email }))
    let ticks = 0
    const timer = setInterval(() => {
      // The timer alone lets the reader go: where the event loop is held, the erasure ends as
      // StoreBusy.
      if (++ticks === 20) reader.exec("COMMIT")
    }, 10)
    expect(await erased).toMatchObject({ erased: 1 })
    clearInterval(timer)
    expect(ticks).toBeGreaterThanOrEqual(20)
    expect(found(bytesOf(filename), ["7f"])).toEqual([])
    expect(await upserted).toMatchObject({ enrolled: 1 })
    expect(order).toEqual(["read", "erasure", "upsert"])
  })

  it("ER-1: is finished before the store is closed, and calls that waited for it are told that it is", async () => {
    const { engine, erased, filename, reader, ref } = await waiting()
    const list = () => engine.suppression.check({ workspaceId, emails: [person("7f", "one").email] })
    await expect.poll(async () => (await list())[0]?.suppressed).toBe(true)
    const late = engine.leads.bulkUpsert({ ...ref, leads: [person("new0", "one")] }).catch(String)
    const closed = engine.close()
    setTimeout(() => reader.exec("COMMIT"), 50)
    await expect(erased).rejects.toThrow("engine is closed")
    await closed
    expect(await late).toContain("engine is closed")
    reader.close()
    expect(found(bytesOf(filename), ["7f"])).toEqual([])
  })
})
