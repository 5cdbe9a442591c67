/**
 * What a column's or a key's name means (LF-2): a field of every lead, or a custom one. Names are compared without case,
 * spaces and punctuation. Of two names for one field the stronger takes it: `Job Title` before `Role`. Names of one strength
 * clash, and are for the caller to settle.
 */
import { fullNames, type NameBeside, namesBeside, namesByRank, type StandardName } from "./names.ts"

export type { StandardName } from "./names.ts"

export interface Meaning {
  readonly field: StandardName
  /** 0 is the strongest. */
  readonly rank: number
}

export const standardNames = ["email", "firstName", "lastName", "company", "jobTitle"] as const

const meanings = new Map<string, Meaning>(
  namesByRank.flatMap((names) =>
    standardNames.flatMap((field) =>
      (names[field] ?? []).flatMap((list, rank) =>
        list.split(/\s+/).flatMap((name) => (name === "" ? [] : [[name, { field, rank }] as const]))
      )
    )
  )
)

/** The strength of a name that means a field only beside another name. */
const rankBeside = 2

const besides = new Map<string, ReadonlyArray<NameBeside>>(
  Map.groupBy(namesBeside, ({ name }) => name).entries()
)

/** UTF-16 code units beyond which a name means nothing. */
const maxNameLength = 200

/** A name without case, spaces and punctuation. */
export const plain = (name: string): string =>
  name
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "")

const plainOf = (name: string): string => (name.length > maxNameLength ? "" : plain(name))

/** The field that the name usually means, whatever stands beside it. */
export const meaningOf = (name: string): Meaning | undefined => meanings.get(plainOf(name))

/** Whether the meaning of the name depends on the names beside it. */
export const isAmbiguous = (name: string): boolean => besides.has(plainOf(name))

/** The field that an ambiguous name means beside others, which come as `plain` gives them. */
export const meaningBeside = (name: string, others: ReadonlySet<string>): Meaning | undefined => {
  const found = besides.get(plainOf(name))?.find(({ beside }) => beside.some((other) => others.has(other)))
  return found === undefined ? undefined : { field: found.field, rank: rankBeside }
}

/** Whether the name is one for first and last name together. */
export const isFullName = (name: string): boolean => fullNames.has(plainOf(name))

export const isStandard = (name: string): name is StandardName =>
  standardNames.some((standard) => standard === name)

/** The custom field of a name that is not taken for what it usually means; core keeps a field's own name for the field. */
export const customName = (name: string): string => {
  const trimmed = name.trim()
  return isStandard(trimmed) ? `${trimmed} (unmapped)` : trimmed
}

/** What the writer of failed rows adds, and the reader leaves out (LF-5). */
export const marks = {
  line: "leadterra_line",
  problem: "leadterra_problem",
  suggestion: "leadterra_suggestion",
  retry: "leadterra_retry",
  text: "leadterra_text",
  map: "leadterra_map",
  splitName: "leadterra_split_name"
} as const

const added = new Set<string>(Object.values(marks))

/** Before the name of a column that the map has left out. */
const leftOut = "leadterra_left_out:"

/** Whether the writer of failed rows makes the column or key anew. */
export const isAdded = (name: string): boolean => added.has(name.trim())

/** The name under which the writer of failed rows keeps a column that is left out. */
export const leftOutName = (name: string): string =>
  name.startsWith(leftOut) ? name : `${leftOut} ${name}`.trim()

export const isMark = (name: string): boolean => isAdded(name) || name.trim().startsWith(leftOut)
