/** Readings of the text of an address that its two parts share (ID-2, ID-3). */

/** NFC with ASCII letters in lower case, as the key has them (ID-2). */
export const foldAscii = (text: string): string =>
  // Lower case may compose where upper case did not: J with a caron is two code points, j with one
  // is one.
  text
    .normalize("NFC")
    .replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
    .normalize("NFC")

/**
 * Whether NFC turns a character into ASCII. Unicode has three of them, and its stability rules
 * allow no more.
 */
export const composesToAscii = (text: string): boolean => /[\u037e\u1fef\u212a]/.test(text)

/** Whether a mapping turns a character outside ASCII into one or more of which one is ASCII. */
export const bringsAscii = (text: string, map: (character: string) => string): boolean =>
  text.match(/[^\0-\x7f]/gu)?.some((character) => /[\0-\x7f]/.test(map(character))) ?? false

/** Whether a dot stands at an end or beside another. */
export const hasMisplacedDot = (text: string): boolean =>
  text.startsWith(".") || text.endsWith(".") || text.includes("..")
