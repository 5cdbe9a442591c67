import * as Schema from "effect/Schema"

/** Text that comes back from every store as it went in (UP-8): databases end text at NUL, or mend lone surrogates. */
export const isStorable = (value: string): boolean => value.isWellFormed() && !value.includes("\0")

/** The same as a check of the argument that is named. */
export const storable = (name: string) =>
  Schema.makeFilter((value: string) =>
    isStorable(value) ? undefined : `${name} must be well-formed text without NUL`
  )
