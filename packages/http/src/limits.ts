/** The limits of a server that a host may set. */

/** Bytes of one body, and of all bodies in memory at once. */
export interface BodyLimits {
  readonly maxBodyBytes: number
  readonly maxBodyBytesAtOnce: number
}

export const defaultLimits = {
  maxBodyBytes: 10_000_000,
  maxBodyBytesAtOnce: 64_000_000,
  maxStreams: 100
} as const

type Limits = { readonly [Name in keyof typeof defaultLimits]?: unknown }

/** Refuses limits that are no numbers: one of NaN would let everything through. */
export const checkLimits = (limits: Limits): void => {
  for (const name of ["maxBodyBytes", "maxBodyBytesAtOnce", "maxStreams"] as const) {
    const value = limits[name]
    if (value !== undefined && !(Number.isSafeInteger(value) && Number(value) > 0))
      throw new TypeError(`${name} must be a positive safe integer: leave it out for the default`)
  }
}
