/** Options come from a caller's environment or from untyped code: each is refused by its name. */
import { unavailable } from "./connect.ts"
import type { SqliteOptions } from "./SqliteOptions.ts"

export type CheckedOptions = {
  readonly [name in keyof SqliteOptions]-?: Exclude<SqliteOptions[name], undefined>
}

/** Fills in the defaults. Throws `CannotOpen`. */
export const checkOptions = (options: SqliteOptions): CheckedOptions => {
  if (typeof options !== "object" || options === null)
    throw unavailable("the options are missing: give at least a filename")
  const {
    busyTimeoutMillis = 5_000,
    checkpointThread = true,
    synchronous = "normal",
    walAutocheckpoint = 16_000
  } = options
  checkInteger("busyTimeoutMillis", busyTimeoutMillis)
  checkInteger("walAutocheckpoint", walAutocheckpoint)
  if (synchronous !== "normal" && synchronous !== "full")
    throw unavailable('synchronous must be "normal" or "full"')
  // An environment's "false" is true.
  if (typeof checkpointThread !== "boolean")
    throw unavailable("checkpointThread must be true or false, not a text")
  if (typeof options.filename !== "string")
    throw unavailable("filename must be a text: name a file, or :memory:")
  const filename = options.filename.trim()
  if (filename === "" || filename.includes("\0"))
    throw unavailable("filename must name a file, or be :memory:")
  return { busyTimeoutMillis, checkpointThread, filename, synchronous, walAutocheckpoint }
}

const checkInteger = (name: string, value: number): void => {
  if (!Number.isSafeInteger(value) || value < 0 || value > 0x7fffffff)
    throw unavailable(`${name} must be an integer from 0 to 2147483647`)
}
