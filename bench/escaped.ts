/** What a limit does by hand to a value that it puts into a message. */
const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;"
}
const breaking = /[\p{Cc}\u2028\u2029]/u
const everyBreaking = /[\p{Cc}\u2028\u2029]+/gu
const special = /[&<>"']/
const everySpecial = /[&<>"']/g
/** For text and quoted attributes of HTML. */
export const escaped = (value: string): string =>
  special.test(value) ? value.replace(everySpecial, (character) => entities[character] ?? character) : value

/** For a header, which a line break would end. */
export const oneLine = (value: string): string =>
  breaking.test(value) ? value.replace(everyBreaking, " ") : value
