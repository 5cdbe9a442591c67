/** FNV-1a, of 32 and of 64 bits: a hash that any language computes in five lines. It is not cryptographic. */

const encoder = new TextEncoder()

/** The hash of the UTF-8 bytes of a text, 0 to 2^32 - 1. */
export const fnv1a = (text: string): number => {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code > 0x7f) return hashOf(encoder.encode(text))
    hash = Math.imul(hash ^ code, 0x01000193)
  }
  return hash >>> 0
}

const hashOf = (bytes: Uint8Array): number => {
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}

const prime64 = 0x1b3

/**
 * The hash of 64 bits of the UTF-8 bytes of a text, as 16 hexadecimal digits. It is computed in two
 * halves of 32 bits: the prime is 2^40 + 0x1b3, so that the low half times 0x1b3 is exact in a
 * double, and the low half times 2^40 goes to the high one.
 */
export const fnv1a64 = (text: string): string => {
  let high = 0xcbf29ce4
  let low = 0x84222325
  for (const byte of encoder.encode(text)) {
    low = (low ^ byte) >>> 0
    const product = low * prime64
    high = (Math.imul(high, prime64) + Math.floor(product / 0x1_0000_0000) + (low << 8)) >>> 0
    low = product >>> 0
  }
  return [high, low].map((half) => half.toString(16).padStart(8, "0")).join("")
}
