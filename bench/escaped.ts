const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;"
}
const special = /[&<>"']/
const everySpecial = /[&<>"']/g
/** A value, escaped for text and quoted attributes of HTML: what a limit does by hand. */
export const escaped = (value: string): string =>
  special.test(value) ? value.replace(everySpecial, (character) => entities[character] ?? character) : value
