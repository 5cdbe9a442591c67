/** Hints of `@leadterra/files` as options that a person can type, quoted for a shell. */
import type { FileError, FileHint } from "@leadterra/files"
import { shown } from "./format.ts"

/** Text as one word of a command line. */
export const quoted = (word: string): string => {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word
  return /["$`\\!]/.test(word) ? `'${word.replaceAll("'", String.raw`'\''`)}'` : `"${word}"`
}

/** Names up to this length are typed; of a longer one the number is shorter and as clear. */
const typedLength = 60

/** Whether a person can type the name as a terminal shows it. */
const isTypable = (name: string): boolean =>
  name.length > 0 && name.length <= typedLength && !name.includes("=") && shown(name) === name

/** The name of a column for `--map`: its own where that is unique and can be typed, else its number. */
export const mapKey = (name: string, number: number, isOnlyOne: boolean): string =>
  isOnlyOne && isTypable(name) ? name : String(number)

const flags = {
  skipLines: "--skip-lines",
  splitName: "--split-name",
  maxRecordBytes: "--max-record-bytes",
  maxBytes: "--max-bytes"
} as const

/** The message with the options of `ReadOptions` that it names as those of the command line. */
export const typedMessage = ({ message }: FileError): string =>
  Object.entries(flags).reduce(
    (text, [option, flag]) => text.replace(new RegExp(`(raise|leave) ${option}\\b`), `$1 ${flag}`),
    message
  )

const optionOf = (hint: Extract<FileHint, { readonly kind: "option" }>): string | undefined => {
  const { option, value } = hint
  switch (option) {
    case "skipLines":
    case "maxRecordBytes":
    case "maxBytes":
      return `${flags[option]} ${value ?? "N"}`
    case "splitName":
      return flags.splitName
    case "encoding":
      return `--encoding ${value ?? "NAME"}`
    case "format":
      return `--format ${value ?? "csv"}`
    case "header":
      return value === "true" ? undefined : "--no-header"
    case "maxRows":
      return undefined
  }
}

/** The options that may help, the likeliest first. */
export const typedHints = ({ hints }: FileError): ReadonlyArray<string> =>
  hints.flatMap((hint) => {
    if (hint.kind === "map") return `--map ${quoted(`${hint.column}=${hint.field ?? ""}`)}`
    return optionOf(hint) ?? []
  })
