/** Numbers, times and tables as a person reads them. The same in every locale, so that output can be compared. */
import stringWidth from "string-width"

const grouped = new Intl.NumberFormat("en-US")

export const count = (value: number): string => grouped.format(value)

export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`

export const duration = (millis: number): string => {
  const seconds = Math.round(millis / 1_000)
  if (millis < 10_000) return `${(millis / 1_000).toFixed(1)} s`
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

export const time = (millis: number): string => new Date(millis).toISOString()

/**
 * An emoji that Unicode lists, or an unsafe character: control characters and line separators, which
 * move a cursor; format characters, which may reorder a line; characters without a glyph; half of a
 * surrogate pair. A listed emoji may hold some of them, as joiners, and hides nothing.
 */
const emojiOrUnsafe =
  /\p{RGI_Emoji}|([\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800])/gv

/** JSON escapes, one for each UTF-16 code unit. */
const escaped = (text: string): string =>
  Array.from(
    { length: text.length },
    (_, index) => `\\u${text.charCodeAt(index).toString(16).padStart(4, "0")}`
  ).join("")

/**
 * Makes text of a user, a lead or a list safe for a terminal: each unsafe character as its JSON
 * escape.
 */
export const shown = (text: string): string =>
  text.replace(emojiOrUnsafe, (found, unsafe: string | undefined) =>
    unsafe === undefined ? found : escaped(unsafe)
  )

/** Text of several lines, each as a terminal may show it. */
export const shownLines = (text: string): string => text.split(/\r?\n/).map(shown).join("\n")

/** Words in lines of at most a width; a longer word has a line of its own. */
export const wrapped = (words: ReadonlyArray<string>, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line: string | undefined
  for (const word of words) {
    if (line !== undefined && stringWidth(line) + 1 + stringWidth(word) > width) {
      lines.push(line)
      line = word
    } else line = line === undefined ? word : `${line} ${word}`
  }
  return line === undefined ? lines : [...lines, line]
}

/** Columns that stand under each other; numbers, and what looks like one, to the right. */
export const table = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths: Array<number> = []
  for (const row of rows) {
    row.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, stringWidth(cell))
    })
  }
  const isNumber = (cell: string) => /^[\d,.]+%?$/.test(cell)
  return rows
    .map((row) =>
      row
        .map((cell, index) => {
          const gap = " ".repeat((widths[index] ?? 0) - stringWidth(cell))
          return isNumber(cell) ? gap + cell : cell + gap
        })
        .join("  ")
        .trimEnd()
    )
    .map((line) => `${line}\n`)
    .join("")
}
