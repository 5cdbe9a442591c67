/** Hints of `@leadterra/files` as options that a person can type, quoted for a shell. */
import { type Column, type FileError, type FileHint, numberKey } from "@leadterra/files"
import { shown } from "./format.ts"

/** Text as one word of a command line. */
export const quoted = (word: string): string => {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word
  return /["$`\\!]/.test(word) ? `'${word.replaceAll("'", String.raw`'\''`)}'` : `"${word}"`
}

/** Names up to this length are typed; of a longer one the number is shorter and as clear. */
const typedLength = 60

/** Whether a person can type the name as a terminal shows it. */
const isTypable = (name: string): boolean => name.length > 0 && shown(name) === name

/** The option that maps a column or a key to a field; null leaves it out. */
const mapOption = (key: string, field: string | null): string => `--map ${quoted(`${key}=${field ?? ""}`)}`

/** The option for a column: by its name where that is unique and can be typed, else by its number. */
export const columnOption = (
  { name, number }: Column,
  columns: ReadonlyArray<Column>,
  field: string | null
): string => {
  const isOnlyOne = columns.filter((column) => column.name === name).length === 1
  const isShort = name.length <= typedLength && !name.includes("=")
  return mapOption(isOnlyOne && isShort && isTypable(name) ? name : numberKey(columns, number), field)
}

/** The option for a key of JSON; undefined where it cannot be typed. */
export const keyOption = (key: string, field: string | null): string | undefined =>
  isTypable(key) ? mapOption(key, field) : undefined

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
    if (hint.kind === "map") return mapOption(hint.key, hint.field)
    return optionOf(hint) ?? []
  })
