/** The spool of imports in a folder of this machine. */
import { createHash } from "node:crypto"
import { type FileHandle, open, rename } from "node:fs/promises"
import { join } from "node:path"
import { checkReadOptions, encodings, FileError, type ReadOptions } from "@leadterra/files"
import type { ImportFailure, ImportRef, ListOptions } from "../imports/ImportsStore.ts"
import { type Spool, SpoolError } from "../imports/Spool.ts"
import type { ServerStore } from "../ServerStore.ts"
import { faultOf, ownerOnly, type Part, SpoolFolder } from "./SpoolFolder.ts"
import { openSpooledList } from "./spooledList.ts"

export interface SpoolOptions {
  /** Made if need be. Each store has a folder of its own in it. */
  readonly folder: string
  /** The store that the handlers have. */
  readonly store: Pick<ServerStore, "secret">
  /** Bytes of one list as it is sent; by default 256,000,000. */
  readonly maxListBytes?: number | undefined
  /** Bytes of the lists and failed rows of one workspace; by default 1,000,000,000. */
  readonly maxWorkspaceBytes?: number | undefined
  /** Bytes of all lists and failed rows; by default 4,000,000,000. */
  readonly maxSpoolBytes?: number | undefined
}

export const defaultSpoolLimits = {
  maxListBytes: 256_000_000,
  maxWorkspaceBytes: 1_000_000_000,
  maxSpoolBytes: 4_000_000_000
} as const

/**
 * Opens a spool. Two servers on one store and one folder share it, so that each can go on with imports
 * of the other. Rejects with `SpoolError` when the folder cannot be used.
 */
export const openSpool = (options: SpoolOptions): Promise<Spool> => openSpoolWith(open, options)

/** `openSpool` with another way to open files. */
export const openSpoolWith = async (
  openFile: typeof open,
  { folder, store, ...given }: SpoolOptions
): Promise<Spool> => {
  const limits = checkLimits(given)
  const files = await SpoolFolder.open(join(folder, await nameOf(store)))

  /** Refuses when the files have more than their bytes. They are counted on disk, since others write too. */
  const checkRoom = async (workspaceId: string): Promise<void> => {
    let all = 0
    let own = 0
    for (const { bytes, ref } of await files.files()) {
      all += bytes
      if (ref.workspaceId === workspaceId) own += bytes
    }
    if (own > limits.maxWorkspaceBytes) throw workspaceFull(limits.maxWorkspaceBytes)
    if (all > limits.maxSpoolBytes) throw spoolFull(limits.maxSpoolBytes)
  }

  const receive = async (
    handle: FileHandle,
    { workspaceId }: ImportRef,
    chunks: AsyncIterable<Uint8Array>
  ): Promise<number> => {
    let bytes = 0
    let checkedAt = Number.NEGATIVE_INFINITY
    for await (const chunk of chunks) {
      if (bytes + chunk.byteLength > limits.maxListBytes) throw listTooLarge(limits.maxListBytes)
      if (bytes - checkedAt >= bytesPerCheck) {
        await checkRoom(workspaceId)
        checkedAt = bytes
      }
      await writeAll(handle, chunk, bytes)
      bytes += chunk.byteLength
    }
    await handle.sync().catch(refuse)
    return bytes
  }

  return {
    id: files.id,
    checkOptions: (options) => checkReadOptions(readOptionsOf(options)),
    write: async (ref, chunks) => {
      const part = files.pathOf(ref, "part")
      const handle = await openFile(part, "wx", ownerOnly).catch(refuse)
      try {
        const bytes = await receive(handle, ref, chunks).finally(() => handle.close())
        await rename(part, files.pathOf(ref, "list")).catch(refuse)
        return bytes
      } catch (error) {
        await files.remove(ref, "part")
        throw error
      }
    },
    open: (ref, options) => openSpooledList(files.pathOf(ref, "list"), readOptionsOf(options)),
    listFailure,
    appendFailed: async (ref, at, text) => {
      await checkRoom(ref.workspaceId)
      const path = files.pathOf(ref, "failed")
      const handle = await openFile(path, at === 0 ? "w" : "r+", ownerOnly).catch(refuse)
      try {
        const bytes = Buffer.from(text)
        await writeAll(handle, bytes, at)
        await handle.truncate(at + bytes.byteLength).catch(refuse)
        return at + bytes.byteLength
      } finally {
        await handle.close()
      }
    },
    readFailed: (ref, bytes) => {
      const path = files.pathOf(ref, "failed")
      return ReadableStream.from(bytesOf(openFile, path, bytes))
    },
    remove: async (ref, kind) => {
      const parts: ReadonlyArray<Part> = kind === "list" ? ["list", "part"] : ["failed"]
      for (const part of parts) await files.remove(ref, part).catch(refuse)
    },
    files: () => files.files().catch(refuse)
  }
}

/** Bytes that an upload writes between two looks at the bytes of all files. */
const bytesPerCheck = 8_000_000

/** Bytes of failed rows that are read at once. */
const chunkBytes = 65_536

const checkLimits = (given: Partial<Record<keyof typeof defaultSpoolLimits, number | undefined>>) => {
  const limit = (name: keyof typeof defaultSpoolLimits): number => {
    const value = given[name] ?? defaultSpoolLimits[name]
    if (Number.isSafeInteger(value) && value > 0) return value
    throw new TypeError(`${name} must be a positive safe integer: leave it out for the default`)
  }
  return {
    maxListBytes: limit("maxListBytes"),
    maxWorkspaceBytes: limit("maxWorkspaceBytes"),
    maxSpoolBytes: limit("maxSpoolBytes")
  }
}

/** The folder of a store. Files without a job are removed, and two stores know different jobs. */
const nameOf = async (store: Pick<ServerStore, "secret">): Promise<string> =>
  `leadterra-imports-${createHash("sha256")
    .update(await store.secret("spool"))
    .digest("hex")
    .slice(0, 32)}`

const refuse = (error: unknown): never => {
  throw faultOf(error)
}

const listTooLarge = (limit: number) =>
  new SpoolError("TooLarge", `A list has at most ${limit} bytes: split it, or send it with gzip`, limit)

const workspaceFull = (limit: number) =>
  new SpoolError(
    "WorkspaceFull",
    `The lists and failed rows of this workspace have more than ${limit} bytes: wait until imports end, or abort one`,
    limit
  )

const spoolFull = (limit: number) =>
  new SpoolError("SpoolFull", `The spool has more than ${limit} bytes: send the list again later`, limit)

const writeAll = async (handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> => {
  for (let done = 0; done < bytes.byteLength; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.byteLength - done, at + done).catch(refuse)
    done += bytesWritten
  }
}

/** The first bytes of a file. It is open only while a piece is read: a reader may be slow. */
async function* bytesOf(openFile: typeof open, path: string, bytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes; ) {
    const handle = await openFile(path, "r").catch(refuse)
    const buffer = new Uint8Array(Math.min(chunkBytes, bytes - at))
    const { bytesRead } = await handle
      .read(buffer, 0, buffer.length, at)
      .catch(refuse)
      .finally(() => handle.close())
    if (bytesRead === 0)
      throw new SpoolError("Failed", "the failed rows are not complete: ask for them again")
    at += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

const isEncoding = (name: string): name is NonNullable<ReadOptions["encoding"]> =>
  encodings.some((known) => known === name)

const readOptionsOf = ({ encoding, ...options }: ListOptions): ReadOptions => {
  if (encoding === undefined) return options
  if (isEncoding(encoding)) return { ...options, encoding }
  throw new FileError({
    reason: "BadOption",
    line: null,
    message: `encoding must be one of ${encodings.join(", ")}`,
    hints: []
  })
}

const snakeCase = (name: string): string => name.replace(/(?<=.)[A-Z]/g, "_$&").toLowerCase()

const listFailure = (error: unknown): ImportFailure | undefined =>
  error instanceof FileError
    ? { code: snakeCase(error.reason), message: error.message, line: error.line }
    : undefined
