/** FNV-1a, 32 bits: a hash that any language computes in five lines. It is not cryptographic. */

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
