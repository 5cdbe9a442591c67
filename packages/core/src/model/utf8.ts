/** The bytes of a well-formed text in UTF-8, counted without encoding it. */
export const utf8Length = (text: string): number => {
  let bytes = text.length
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    // Each half of a surrogate pair adds one to its unit, which makes the four bytes of the pair.
    if (code > 0x7f) bytes += code > 0x7ff && (code < 0xd800 || code > 0xdfff) ? 2 : 1
  }
  return bytes
}
