/**
 * The bytes of a list, from a file by its path or from a stream. A file is read to its end, also when it grows meanwhile, and
 * tells whether it did. Closing lets go of the file or the stream, also while a read waits.
 */
import { createReadStream, open as openDescriptor } from "node:fs"
import { type FileHandle, open, stat } from "node:fs/promises"
import { Socket } from "node:net"
import { promisify } from "node:util"
import { codeOf, type FileError, fileError } from "./FileError.ts"

export interface Bytes extends AsyncIterable<Uint8Array> {
  /** Bytes on disk when it was opened; null for a pipe. */
  readonly size: number | null
  readonly bytesRead: number
  /** Whether somebody wrote to the file since it was opened. */
  readonly hasGrown: () => Promise<boolean>
  /** Aborted by `close`, for those that work on bytes which were read before. */
  readonly closed: AbortSignal
  readonly close: () => Promise<void>
}

/**
 * Bytes read at a time. Larger chunks of a stream are split, so that few rows are in memory at
 * once.
 */
const chunkSize = 262_144

/** Opens a file or takes a stream. Fails with `FileError`: NotFound, NotReadable, Directory. */
export const openBytes = async (source: string | AsyncIterable<Uint8Array>): Promise<Bytes> => {
  if (typeof source !== "string") return new StreamBytes(source)
  try {
    const found = await stat(source)
    if (found.isDirectory()) {
      throw fileError("Directory", `${source} is a directory: name one of the files in it`)
    }
    // The thread of a read that waits would keep the process from ending.
    if (found.isFIFO() && process.platform !== "win32") return new StreamBytes(await openPipe(source))
    if (!found.isFile()) return new StreamBytes(createReadStream(source))
    const handle = await open(source, "r")
    const { mtimeMs, size } = await handle.stat()
    return new FileBytes(handle, size, mtimeMs)
  } catch (error) {
    throw openError(source, error)
  }
}

/** Waits for a writer, and reads without a thread of its own. */
const openPipe = async (path: string): Promise<Socket> =>
  new Socket({ fd: await promisify(openDescriptor)(path, "r"), readable: true, writable: false })

const openError = (path: string, error: unknown): unknown => {
  const code = codeOf(error)
  if (code === "ENOENT" || code === "ENOTDIR") {
    return fileError("NotFound", `there is no file ${path}: check the path`)
  }
  if (code === "EACCES" || code === "EPERM") {
    return fileError("NotReadable", `${path} may not be read: make it readable for this process`)
  }
  return code === undefined ? error : fileError("NotReadable", `${path} cannot be opened (${code})`)
}

class FileBytes implements Bytes {
  readonly size: number
  bytesRead = 0
  readonly #closing = new AbortController()
  readonly #handle: FileHandle
  readonly #mtimeMs: number

  constructor(handle: FileHandle, size: number, mtimeMs: number) {
    this.#handle = handle
    this.size = size
    this.#mtimeMs = mtimeMs
  }

  async *[Symbol.asyncIterator]() {
    for (;;) {
      const buffer = Buffer.allocUnsafeSlow(chunkSize)
      const { bytesRead } = await this.#handle.read(buffer, 0, chunkSize)
      if (bytesRead === 0) return
      this.bytesRead += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
  }

  async hasGrown() {
    const { mtimeMs, size } = await this.#handle.stat()
    return size !== this.size || mtimeMs > this.#mtimeMs
  }

  get closed() {
    return this.#closing.signal
  }

  close() {
    this.#closing.abort()
    return this.#handle.close()
  }
}

class StreamBytes implements Bytes {
  readonly size = null
  bytesRead = 0
  readonly #closing = new AbortController()
  readonly #source: AsyncIterable<Uint8Array>
  #iterator: AsyncIterator<Uint8Array> | undefined

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source
  }

  async *[Symbol.asyncIterator]() {
    this.#iterator = this.#source[Symbol.asyncIterator]()
    for (;;) {
      const { done, value } = await this.#iterator.next()
      if (done === true) return
      if (!(value instanceof Uint8Array)) throw notBytes()
      for (let at = 0; at < value.length; at += chunkSize) {
        const chunk = value.subarray(at, at + chunkSize)
        this.bytesRead += chunk.length
        yield chunk
      }
    }
  }

  hasGrown() {
    return Promise.resolve(false)
  }

  get closed() {
    return this.#closing.signal
  }

  async close() {
    this.#closing.abort()
    const { destroy } = this.#source as { readonly destroy?: unknown }
    if (typeof destroy === "function") destroy.call(this.#source)
    else await this.#iterator?.return?.()
  }
}

const notBytes = (): FileError =>
  fileError("BadOption", "the stream must give bytes (Uint8Array): leave its encoding unset")
