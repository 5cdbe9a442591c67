/** Text that comes back from every store as it went in (UP-8): databases end text at NUL, or mend lone surrogates. */
export const isStorable = (value: string): boolean => value.isWellFormed() && !value.includes("\0")
