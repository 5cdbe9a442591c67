/**
 * The encodings of text that a list may have (LF-1): Unicode, and those in which spreadsheets save
 * CSV in Europe and East Asia. Their names are those of the Encoding Standard; `latin1` is its
 * windows-1252.
 */

/** Encodings whose characters have one byte each. */
const singleByte = [
  "latin1",
  "iso-8859-2",
  "koi8-r",
  "macintosh",
  "windows-874",
  "windows-1250",
  "windows-1251",
  "windows-1253",
  "windows-1254",
  "windows-1255",
  "windows-1256",
  "windows-1257",
  "windows-1258"
] as const

/** Encodings whose characters have one to four bytes; ASCII has one. */
const multiByte = ["big5", "euc-jp", "euc-kr", "gb18030", "shift_jis"] as const

export const encodings = ["utf-8", "utf-16le", "utf-16be", ...singleByte, ...multiByte] as const

export type Encoding = (typeof encodings)[number]

export const isUnicode = (encoding: Encoding): boolean => encoding.startsWith("utf-")

export const isMultiByte = (encoding: Encoding): boolean => multiByte.some((name) => name === encoding)

/**
 * Creates a decoder that refuses bytes without a character. A byte order mark is a character to it.
 * Throws `RangeError` in a Node that was built without the encoding.
 */
export const decoderOf = (encoding: Encoding): InstanceType<typeof TextDecoder> =>
  new TextDecoder(encoding === "latin1" ? "windows-1252" : encoding, { fatal: true, ignoreBOM: true })
