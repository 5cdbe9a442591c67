/** The spool in a folder: its bounds, its faults, and what it shares with other processes. */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync
} from "node:fs"
import { type FileHandle, open } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { MemoryServerStore, SpoolError } from "@leadterra/http"
import { openSpool } from "@leadterra/http/node"
import { describe, expect, it, onTestFinished } from "vitest"
import * as jobRules from "../src/imports/jobRules.ts"
import { jobLifeMillis, orphanMillis } from "../src/imports/limits.ts"
import { sweep } from "../src/imports/sweep.ts"
import { openSpoolWith } from "../src/node/openSpool.ts"
import { jobOf } from "./laws/imports.ts"

const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "leadterra-spool-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const ref = { workspaceId: "..", id: jobOf(1).id }
async function* textOf(text: string) {
  yield new TextEncoder().encode(text)
}
const readAll = async (stream: ReadableStream<Uint8Array>) => new Response(stream).text()

const rejection = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error
  )

describe("a spool", () => {
  it("keeps a list and its failed rows, whatever the id of the workspace, and removes them", async () => {
    const folder = newFolder()
    const spool = await openSpool({ folder, store: MemoryServerStore.make() })
    expect(await spool.write(ref, textOf("email\nava@acme.com\nno\n"))).toBe(22)
    const list = await spool.open(ref, { format: "csv" })
    const rows: Array<unknown> = []
    for await (const row of list.rows) rows.push(row)
    expect([rows.length, list.bytesRead, list.format]).toEqual([2, 22, "csv"])
    expect(await spool.appendFailed(ref, 0, "head\né1\n")).toBe(9)
    expect(await spool.appendFailed(ref, 9, "lost row")).toBe(17)
    expect(await spool.appendFailed(ref, 9, "2\n")).toBe(11)
    expect(await readAll(spool.readFailed(ref, 11))).toBe("head\né1\n2\n")
    expect(await readAll(spool.readFailed(ref, 9))).toBe("head\né1\n")
    const files = await spool.files()
    expect(files.map(({ kind, ref }) => [kind, ref]).sort()).toEqual([
      ["failed rows", ref],
      ["list", ref]
    ])
    for (const kind of ["list", "list", "failed rows"] as const) await spool.remove(ref, kind)
    expect(await spool.files()).toEqual([])
    expect(readdirSync(folder)).toHaveLength(1)
    expect(await rejection(spool.open(ref, { format: "csv" }))).toMatchObject({ reason: "Missing" })
    expect(await rejection(readAll(spool.readFailed(ref, 1)))).toMatchObject({ reason: "Missing" })
  })

  it("tells of failed rows that are cut short", async () => {
    const folder = newFolder()
    const spool = await openSpool({ folder, store: MemoryServerStore.make() })
    await spool.appendFailed(ref, 0, "row\n")
    const [inner = ""] = readdirSync(folder)
    const name = readdirSync(join(folder, inner)).find((found) => found.endsWith(".failed"))
    truncateSync(join(folder, inner, name ?? ""), 2)
    expect(await rejection(readAll(spool.readFailed(ref, 4)))).toBeInstanceOf(SpoolError)
  })

  it("is one to all who open it at once, and another for another store", async () => {
    const folder = newFolder()
    const store = MemoryServerStore.make()
    const opened = await Promise.all(Array.from({ length: 5 }, () => openSpool({ folder, store })))
    expect(new Set(opened.map(({ id }) => id)).size).toBe(1)
    const other = await openSpool({ folder, store: MemoryServerStore.make() })
    expect(other.id).not.toBe(opened[0]?.id)
    await opened[0]?.write(ref, textOf("email\n"))
    expect(await opened[1]?.files()).toHaveLength(1)
    expect(await other.files()).toEqual([])
  })

  it("refuses a folder that others can open, and one that is a file", async () => {
    const folder = newFolder()
    const store = MemoryServerStore.make()
    await openSpool({ folder, store })
    const [inner = ""] = readdirSync(folder)
    chmodSync(join(folder, inner), 0o755)
    const shared = await rejection(openSpool({ folder, store }))
    expect(shared).toMatchObject({ _tag: "SpoolError", message: expect.stringContaining("chmod 700") })
    rmSync(join(folder, inner), { recursive: true })
    writeFileSync(join(folder, inner), "")
    expect(await rejection(openSpool({ folder, store }))).toBeInstanceOf(SpoolError)
    mkdirSync(join(folder, "fine"))
    await openSpool({ folder: join(folder, "fine"), store })
  })

  it.each([{ maxListBytes: 0 }, { maxWorkspaceBytes: 1.5 }, { maxSpoolBytes: Number.NaN }])(
    "refuses the limit %j",
    async (limits) => {
      const made = openSpool({ folder: newFolder(), store: MemoryServerStore.make(), ...limits })
      expect(await rejection(made)).toBeInstanceOf(TypeError)
    }
  )
})

/** Opens files on a disk that is full after so many bytes. */
const fullAfter = (bytes: number): typeof open => {
  let left = bytes
  return async (...given) => {
    const handle = await open(...given)
    const write = async (buffer: Uint8Array, offset: number, length: number, position: number) => {
      if (left < length) throw Object.assign(new Error("no space"), { code: "ENOSPC" })
      left -= length
      return handle.write(buffer, offset, length, position)
    }
    return new Proxy(handle, {
      get: (target: FileHandle, name) => {
        if (name === "write") return write
        const value: unknown = Reflect.get(target, name)
        return typeof value === "function" ? value.bind(target) : value
      }
    })
  }
}

describe("a full disk", () => {
  it("is told of with what to do, and leaves nothing of a list", async () => {
    const spool = await openSpoolWith(fullAfter(9), { folder: newFolder(), store: MemoryServerStore.make() })
    const list = (async function* () {
      yield* textOf("email\n")
      yield* textOf("ava@acme.com\n")
    })()
    const failure = await rejection(spool.write(ref, list))
    expect(failure).toMatchObject({ reason: "DiskFull", message: expect.stringContaining("free some space") })
    expect(await spool.files()).toEqual([])
  })

  it("keeps what was there of failed rows", async () => {
    const spool = await openSpoolWith(fullAfter(9), { folder: newFolder(), store: MemoryServerStore.make() })
    await spool.appendFailed(ref, 0, "row 1\n")
    expect(await rejection(spool.appendFailed(ref, 6, "row 2\n"))).toMatchObject({ reason: "DiskFull" })
    expect(await readAll(spool.readFailed(ref, 6))).toBe("row 1\n")
  })
})

describe("a sweep", () => {
  it("removes the files of jobs that no longer need them, and those without a job once they are old", async () => {
    const folder = newFolder()
    const store = MemoryServerStore.make()
    const spool = await openSpool({ folder, store })
    const now = Date.now()
    const waiting = jobOf(1, { spoolId: spool.id, queuedAt: now, dueAt: now + 1_000 })
    const turn = { owner: "a", now }
    const done = jobRules.completed(jobRules.claimed(jobOf(2), turn), turn)
    const file = { format: "csv", rows: 1, bytes: 4 } as const
    const failing = { ...done, id: jobOf(3).id, failedRows: file }
    for (const job of [waiting, done, failing]) {
      await store.imports.add(job, { maxOpen: 9, maxKept: 9 })
      await spool.write(job, textOf("email\n"))
      await spool.appendFailed(job, 0, "row\n")
    }
    const orphan = { workspaceId: "acme", id: jobOf(4).id }
    await spool.write(orphan, textOf("email\n"))
    const named = async () =>
      (await spool.files()).map(({ kind, ref }) => `${Number(ref.id.slice(4))} ${kind}`).sort()
    await sweep({ spool, store: store.imports, now: () => now })
    expect(await named()).toEqual(["1 list", "3 failed rows", "4 list"])
    await sweep({ spool, store: store.imports, now: () => now + orphanMillis + 1_000 })
    expect(await named()).toEqual(["3 failed rows"])
    await sweep({ spool, store: store.imports, now: () => now + jobLifeMillis })
    expect(await store.imports.get(failing)).toBeUndefined()
    await sweep({ spool, store: store.imports, now: () => now + jobLifeMillis + orphanMillis })
    expect(await named()).toEqual([])
    expect(readFileSync(join(folder, readdirSync(folder)[0] ?? "", "spool.id"), "utf8")).toBe(spool.id)
  })
})
