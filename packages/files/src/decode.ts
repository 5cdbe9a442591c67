/**
 * From bytes to text (LF-1): UTF-8 unless the caller or a byte order mark says otherwise. Text is never mended: bytes that
 * are none end the reading, after all the text before them, and a file that is no text is refused by its first bytes.
 */
import { decoderOf, type Encoding, isMultiByte, isUnicode } from "./encodings.ts"
import { type FileError, fileError, optionHint } from "./FileError.ts"
import { followed } from "./followed.ts"

const marks: ReadonlyArray<readonly [Encoding, ReadonlyArray<number>]> = [
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]]
]

const beginsWith = (head: Uint8Array, bytes: ReadonlyArray<number>): boolean =>
  bytes.every((byte, index) => head[index] === byte)

const known: ReadonlyArray<readonly [ReadonlyArray<number>, string]> = [
  [[0x50, 0x4b, 3, 4], "a zip or Excel file: save it as CSV"],
  [[0xd0, 0xcf, 0x11, 0xe0], "an old Excel file: save it as CSV"],
  [[0x25, 0x50, 0x44, 0x46], "a PDF: export the list as CSV"]
]

/** Fails with `FileError`, reason Binary, where the first bytes are those of another kind of file. */
export const refuseKnown = (head: Uint8Array): void => {
  for (const [bytes, name] of known) {
    if (beginsWith(head, bytes)) throw fileError("Binary", `this is ${name}`)
  }
}

/** The encoding of the byte order mark, if there is one. */
export const markIn = (head: Uint8Array) => marks.find(([, bytes]) => beginsWith(head, bytes))

/** How the bytes of a list are read as text. */
export interface TextCoding {
  readonly encoding: Encoding
  /** Whether the text may be UTF-8 instead, as its first characters beyond ASCII tell. */
  readonly orUtf8?: boolean
  /** Bytes before the text. */
  readonly markLength: number
}

/**
 * The encoding of a file of failed rows, which was written as UTF-8. It may have been saved in the
 * encoding of its list since. A NUL is one in a cell.
 */
export const failedRowsCoding = (head: Uint8Array, chosen: Encoding | undefined): TextCoding => {
  const mark = markIn(head)
  if (mark !== undefined) return { encoding: mark[0], markLength: mark[1].length }
  if (chosen === undefined || isUnicode(chosen)) return { encoding: "utf-8", markLength: 0 }
  return { encoding: chosen, orUtf8: true, markLength: 0 }
}

/** The encoding, and the length of the mark before the text. Fails with `FileError`, reason Binary. */
export const encodingOf = (head: Uint8Array, chosen: Encoding | undefined): TextCoding => {
  const mark = marks.find(
    ([encoding, bytes]) => (chosen === undefined || chosen === encoding) && beginsWith(head, bytes)
  )
  const encoding = mark?.[0] ?? chosen ?? "utf-8"
  if (!encoding.startsWith("utf-16")) {
    const nul = head.subarray(0, 1_024).indexOf(0)
    if (nul !== -1) {
      const guess = nul % 2 === 0 ? "utf-16be" : "utf-16le"
      throw fileError(
        "Binary",
        `this is no text file: save the list as CSV; if it is UTF-16, read it with the encoding "${guess}"`,
        null,
        [optionHint("encoding", guess)]
      )
    }
  }
  return { encoding, markLength: mark?.[1].length ?? 0 }
}

/** How many bytes of Unicode are whole characters; the rest begins the next chunk. */
const wholeLength = (bytes: Uint8Array, encoding: Encoding): number => {
  let end = bytes.length
  if (encoding === "utf-8") {
    for (let back = 1; back <= 3 && back <= end; back++) {
      const byte = bytes[end - back] ?? 0
      if (byte >= 0xc0) {
        const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
        return back < length ? end - back : end
      }
      if (byte < 0x80) return end
    }
    return end
  }
  end -= end % 2
  const high = bytes[encoding === "utf-16le" ? end - 1 : end - 2] ?? 0
  return high >= 0xd8 && high <= 0xdb ? end - 2 : end
}

/** Bytes of a character that may wait for its last one. */
const maxPending = 3

/**
 * C1 controls. The Encoding Standard maps a byte to them that has no character in a legacy encoding.
 */
const undefinedByte = /[\u0080-\u009f]/

interface Decoded {
  readonly text: string
  /** Bytes of the text. */
  readonly length: number
}

/** The text of the whole characters; undefined where bytes are no text of the encoding. */
type Decode = (bytes: Uint8Array) => Decoded | undefined

const decodeBy = (encoding: Encoding): Decode => {
  const decoder = decoderOf(encoding)
  const decode = (bytes: Uint8Array, length: number): Decoded | undefined => {
    try {
      const text = decoder.decode(bytes.subarray(0, length))
      return !isUnicode(encoding) && undefinedByte.test(text) ? undefined : { text, length }
    } catch {
      return undefined
    }
  }
  if (isUnicode(encoding)) return (bytes) => decode(bytes, wholeLength(bytes, encoding))
  if (!isMultiByte(encoding)) return (bytes) => decode(bytes, bytes.length)
  return (bytes) => {
    for (let back = 0; back <= maxPending && back <= bytes.length; back++) {
      const found = decode(bytes, bytes.length - back)
      if (found !== undefined) return found
    }
    return undefined
  }
}

/** Thrown where bytes are no text of the encoding; the reader that knows the line makes an error of it. */
export class BadText {
  readonly encoding: Encoding
  constructor(encoding: Encoding) {
    this.encoding = encoding
  }
  at(line: number): FileError {
    const isUtf8 = this.encoding === "utf-8"
    const instead = isUtf8
      ? 'save the file as UTF-8, or name its encoding: "latin1" is for Western European text alone, "windows-1250" for Central European, "shift_jis" for Japanese, and the wrong one damages names'
      : "save the file as UTF-8, or name the encoding that it has"
    return fileError(
      "BadText",
      `line ${line} is not ${this.encoding.toUpperCase()}, or the file breaks off there: ${instead}`,
      line,
      isUtf8 ? [optionHint("encoding")] : []
    )
  }
}

/** The text, in the chunks that the bytes come in. Throws `BadText`. */
export async function* decoded(
  chunks: AsyncIterable<Uint8Array>,
  encoding: Encoding
): AsyncGenerator<string> {
  const decode = decodeBy(encoding)
  let rest: Uint8Array = new Uint8Array(0)
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const found = decode(bytes)
    if (found === undefined) {
      yield longestText(bytes, decode)
      throw new BadText(encoding)
    }
    rest = bytes.subarray(found.length)
    if (found.text !== "") yield found.text
  }
  if (rest.length > 0) throw new BadText(encoding)
}

/**
 * Bytes that tell UTF-8 from a legacy encoding, from the first one beyond ASCII on. A single
 * character may be one of either.
 */
const tellingBytes = 4_096

/** Text of UTF-8 or a legacy encoding, as the first characters beyond ASCII tell. */
export async function* decodedEither(
  chunks: AsyncIterable<Uint8Array>,
  legacy: Encoding
): AsyncGenerator<string> {
  const decodeUtf8 = decodeBy("utf-8")
  const iterator = chunks[Symbol.asyncIterator]()
  let held: Uint8Array = new Uint8Array(0)
  for (;;) {
    const { done, value } = await iterator.next()
    if (done !== true) held = held.length === 0 ? value : Buffer.concat([held, value])
    const at = held.findIndex((byte) => byte >= 0x80)
    if (at !== -1 && (done === true || held.length - at >= tellingBytes)) {
      const isUtf8 = decodeUtf8(held.subarray(at, at + tellingBytes)) !== undefined
      const encoding = isUtf8 ? "utf-8" : legacy
      yield* decoded(followed(held, iterator, undefined), encoding)
      return
    }
    if (at === -1 && held.length > 0) {
      yield Buffer.from(held).toString("latin1")
      held = new Uint8Array(0)
    }
    if (done === true) return
  }
}

/** The text before the first bytes that are none. */
const longestText = (bytes: Uint8Array, decode: Decode): string => {
  let text = ""
  let good = 0
  for (let bad = bytes.length; bad - good > 1; ) {
    const middle = Math.floor((good + bad) / 2)
    const found = decode(bytes.subarray(0, middle))
    if (found === undefined) bad = middle
    else {
      text = found.text
      good = middle
    }
  }
  return text
}
