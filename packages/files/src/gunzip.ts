/**
 * Unpacks gzip as it comes. Whatever could be unpacked before a fault is given first, which a piped stream would drop, and a
 * small input that unpacks to a lot is handed on in parts.
 */
import { createGunzip } from "node:zlib"
import { codeOf, fileError } from "./FileError.ts"

const sliceSize = 16_384

export const isGzip = (head: Uint8Array): boolean => head[0] === 0x1f && head[1] === 0x8b

/** Fails with `FileError`, reason BadGzip, when the file breaks off or is damaged. */
export async function* gunzip(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const unzip = createGunzip()
  let unpacked: Array<Uint8Array> = []
  let failure: unknown
  let settle = () => {}
  /** Resolves when the step is done, or has failed: zlib then leaves its callback uncalled. */
  const step = (start: (done: () => void) => void) =>
    new Promise<void>((resolve) => {
      settle = resolve
      if (failure !== undefined) resolve()
      else start(resolve)
    })
  const taken = () => {
    const chunks = unpacked
    unpacked = []
    return chunks
  }
  unzip.on("data", (chunk: Uint8Array) => unpacked.push(chunk))
  unzip.on("error", (error) => {
    failure = error
    settle()
  })
  try {
    for await (const chunk of packed) {
      for (let at = 0; at < chunk.length; at += sliceSize) {
        await step((done) => unzip.write(chunk.subarray(at, at + sliceSize), () => done()))
        yield* taken()
        if (failure !== undefined) throw gzipError(failure)
      }
    }
    await step((done) => unzip.once("end", done).end())
    yield* taken()
    if (failure !== undefined) throw gzipError(failure)
  } finally {
    unzip.destroy()
  }
}

const gzipError = (failure: unknown) =>
  fileError(
    "BadGzip",
    `the gzip file ${codeOf(failure) === "Z_BUF_ERROR" ? "breaks off" : "is damaged"}: pack or download it again`
  )
