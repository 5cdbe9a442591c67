/** The limits of a server that a host may set. */

/** Bytes of one body, and of all bodies in memory at once. */
export interface BodyLimits {
  readonly maxBodyBytes: number
  readonly maxBodyBytesAtOnce: number
}

/** Milliseconds that a body may take, from its first read to its end. Lists of imports have limits of their own. */
export const bodyMillis = 120_000

export const defaultLimits = {
  maxBodyBytes: 10_000_000,
  maxBodyBytesAtOnce: 64_000_000,
  maxCallsAtOnce: 4,
  maxCallsPerSecond: 1_000,
  maxStreams: 100,
  maxUnreadBytes: 128_000_000
} as const

export type GivenLimits = { readonly [Name in keyof typeof defaultLimits]?: number | undefined }

const names = [
  "maxBodyBytes",
  "maxBodyBytesAtOnce",
  "maxCallsAtOnce",
  "maxCallsPerSecond",
  "maxStreams",
  "maxUnreadBytes"
] as const

/** Calls of one workspace that wait for a slot, and milliseconds that they wait. */
export const maxCallsWaiting = 100
export const maxCallWaitMillis = 10_000

/** A higher rate would not fit into the headers that tell of it. */
const mostCallsPerSecond = 1_000_000

/** Refuses limits that are no numbers: one of NaN would let everything through. */
export const checkLimits = (limits: GivenLimits): void => {
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
