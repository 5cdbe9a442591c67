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

/** Text of a lead or a list as a terminal may show it: control characters, which could move its cursor, as their codes. */
export const shown = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about
  text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
  })

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
