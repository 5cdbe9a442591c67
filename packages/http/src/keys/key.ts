/**
 * The format of an API key: `sk_live_` or `sk_test_`, 43 digits of base 62 that hold 256 random bits,
 * and 6 digits that hold the CRC-32 of everything before them. The prefix lets a scanner for leaked
 * secrets find keys, and the checksum lets it and a server tell a mistyped key without a look-up.
 */
import type { KeyMode } from "../ServerStore.ts"
import { base62 } from "./base62.ts"
import { crc32 } from "./crc32.ts"

const randomBytes = 32

/** Digits of 256 bits in base 62, and of 32 bits. */
const randomDigits = 43
const checksumDigits = 6

/** Characters of a key at its end that a list may show. */
const hintLength = 4

const format = /^sk_(live|test)_[0-9A-Za-z]{49}$/

const encoder = new TextEncoder()

const checksumOf = (text: string): string => base62(BigInt(crc32(encoder.encode(text))), checksumDigits)

const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")

/** Returns the key of 32 bytes. Different bytes have different keys. */
export const keyOf = (mode: KeyMode, bytes: Uint8Array): string => {
  const text = `sk_${mode}_${base62(BigInt(`0x${hexOf(bytes)}`), randomDigits)}`
  return text + checksumOf(text)
}

/** Draws a key: 256 bits of `crypto.getRandomValues`. */
export const makeKey = ({ mode }: { readonly mode: KeyMode }): string =>
  keyOf(mode, crypto.getRandomValues(new Uint8Array(randomBytes)))

/**
 * Returns the mode of a key. Undefined for text of another format or with a wrong checksum. A key
 * with a right checksum need not exist.
 */
export const parseKey = (text: string): KeyMode | undefined => {
  const [, mode] = format.exec(text) ?? []
  if (mode !== "live" && mode !== "test") return undefined
  return checksumOf(text.slice(0, -checksumDigits)) === text.slice(-checksumDigits) ? mode : undefined
}

/**
 * Returns the SHA-256 of a key, in lowercase hexadecimal digits. A key is random, so that its hash
 * needs no salt and no slow function.
 */
export const hashKey = async (key: string): Promise<string> =>
  hexOf(new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(key))))

/** Returns the characters of a key by which a person tells keys apart. */
export const hintOf = (key: string): string => key.slice(-hintLength)
