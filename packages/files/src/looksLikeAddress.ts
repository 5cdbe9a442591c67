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

/** An address in brackets, with or without a name before it. */
const bracketed = /^[^<>]*<([^<>]*)>$/

/** A domain as a suppression list has it. */
const domain = /^@[^\s@.,;|"<>]+(?:\.[^\s@.,;|"<>]+)+$/

/** Text that is looked at: an address, and a name before it. */
const maxEntryLength = 2 * maxLength

/**
 * Tells a cell of a row from the name of a column: an address, also in brackets behind a name, or a
 * domain. Not each of them is a valid lead: then its row fails, and is not lost as a header.
 */
export const looksLikeEntry = (cell: string): boolean => {
  const text = cell.trim()
  if (text.length > maxEntryLength) return false
  return looksLikeAddress(bracketed.exec(text)?.[1] ?? text) || domain.test(text)
}
