/** The limits of a server that a host may set. */

/** Bytes of one body, and of all bodies in memory at once. */
export interface BodyLimits {
  readonly maxBodyBytes: number
  readonly maxBodyBytesAtOnce: number
}

export const defaultLimits = {
  maxBodyBytes: 10_000_000,
  maxBodyBytesAtOnce: 64_000_000,
  maxCallsPerSecond: 1_000,
  maxStreams: 100
} as const

type Limits = { readonly [Name in keyof typeof defaultLimits]?: unknown }

const names = ["maxBodyBytes", "maxBodyBytesAtOnce", "maxCallsPerSecond", "maxStreams"] as const

/** A higher rate would not fit into the headers that tell of it. */
const mostCallsPerSecond = 1_000_000

/** Refuses limits that are no numbers: one of NaN would let everything through. */
export const checkLimits = (limits: Limits): void => {
  for (const name of names) {
    const value = limits[name]
    if (value !== undefined && !(Number.isSafeInteger(value) && Number(value) > 0))
      throw new TypeError(`${name} must be a positive safe integer: leave it out for the default`)
  }
  if (Number(limits.maxCallsPerSecond ?? 0) > mostCallsPerSecond)
    throw new TypeError(
      `maxCallsPerSecond must be at most ${mostCallsPerSecond}: leave it out for the default`
    )
}
