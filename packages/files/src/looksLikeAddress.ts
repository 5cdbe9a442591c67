/** UTF-16 code units of the longest address (RFC 5321: 64 octets, an @, 255 octets). */
const maxLength = 320

/** Each character belongs to one part only, so that a match never tries a second way. */
const pattern = /^[^\s@,;|"<>]+@[^\s@.,;|"<>]+(?:\.[^\s@.,;|"<>]+)+$/

/**
 * Tells an address from other text, to find a column of addresses. Core decides which ones are
 * valid.
 */
export const looksLikeAddress = (cell: string): boolean => {
  const text = cell.trim()
  return text.length <= maxLength && pattern.test(text)
}
