/**
 * Unpacks gzip as it comes. Whatever could be unpacked before a fault is given first, which a piped stream would drop, and a
 * small input that unpacks to a lot is handed on in parts. Zero bytes behind the end are padding.
 */
import { createGunzip, type Gunzip } from "node:zlib"
import { codeOf, type FileError, fileError } from "./FileError.ts"

const sliceSize = 16_384

export const isGzip = (head: Uint8Array): boolean => head[0] === 0x1f && head[1] === 0x8b

/** A gunzip that is fed step by step. Each step ends, also where zlib leaves its callback uncalled. */
class Unpacking {
  /** Whether zero bytes have followed the end of a part: zlib takes nothing behind them. */
  isOver = false
  failure: unknown
  #fed = 0
  #unpacked: Array<Uint8Array> = []
  #settle = () => {}
  readonly #unzip: Gunzip = createGunzip()

  constructor() {
    this.#unzip.on("data", (chunk: Uint8Array) => this.#unpacked.push(chunk))
    this.#unzip.on("error", (error) => {
      this.failure = error
      this.#settle()
    })
    this.#unzip.on("end", () => {
      this.isOver = true
      this.#settle()
    })
    this.#unzip.on("close", () => this.#settle())
  }

  /** How many of the bytes are left over; more than none only behind the end. */
  async feed(bytes: Uint8Array): Promise<number> {
    this.#fed += bytes.length
    await this.#step((done) => this.#unzip.write(bytes, () => done()))
    return this.isOver ? this.#fed - this.#unzip.bytesWritten : 0
  }

  finish(): Promise<void> {
    return this.#step(() => this.#unzip.end())
  }

  /** Takes the bytes that were unpacked since the last time. */
  take(): ReadonlyArray<Uint8Array> {
    const chunks = this.#unpacked
    this.#unpacked = []
    return chunks
  }

  stop(): void {
    this.#unzip.destroy()
  }

  #step(start: (done: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      this.#settle = resolve
      if (this.isOver || this.failure !== undefined || this.#unzip.destroyed) resolve()
      else start(resolve)
    })
  }
}

/**
 * Fails with `FileError`, reason BadGzip, when the file breaks off or is damaged. Ends when the
 * source is closed, and unpacks nothing more then.
 */
export async function* gunzip(
  packed: AsyncIterable<Uint8Array>,
  closed: AbortSignal
): AsyncGenerator<Uint8Array> {
  const unpacking = new Unpacking()
  const stop = () => unpacking.stop()
  closed.addEventListener("abort", stop)
  function* taken() {
    for (const chunk of unpacking.take()) {
      if (closed.aborted) return
      yield chunk
    }
  }
  try {
    for await (const chunk of packed) {
      for (let at = 0; at < chunk.length && !closed.aborted; at += sliceSize) {
        const slice = chunk.subarray(at, at + sliceSize)
        const left = unpacking.isOver ? slice.length : await unpacking.feed(slice)
        yield* taken()
        if (unpacking.failure !== undefined) throw gzipError(unpacking.failure)
        if (slice.subarray(slice.length - left).some((byte) => byte !== 0)) throw afterZeros()
      }
      if (closed.aborted) return
    }
    await unpacking.finish()
    yield* taken()
    if (closed.aborted) return
    if (unpacking.failure !== undefined || !unpacking.isOver) throw gzipError(unpacking.failure)
  } finally {
    closed.removeEventListener("abort", stop)
    unpacking.stop()
  }
}

const gzipError = (failure: unknown): FileError =>
  fileError(
    "BadGzip",
    `the gzip file ${codeOf(failure) === "Z_BUF_ERROR" ? "breaks off" : "is damaged"}: pack or download it again`
  )

/** Zlib reads none of what follows, which may be rows. */
const afterZeros = (): FileError =>
  fileError(
    "BadGzip",
    "the gzip file goes on behind zero bytes, which may stand at its end alone: pack or download it again"
  )
