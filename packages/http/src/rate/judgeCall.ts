/**
 * The rule of a rate of calls: a token bucket. A caller may make `calls` calls at once, and gets as
 * many back over `seconds`, evenly. All sums are of whole numbers, so that nothing is lost.
 */

export interface RateLimit {
  readonly calls: number
  readonly seconds: number
}

/** The calls of one caller that were not given back yet. Without any there is no usage. */
export interface Usage {
  /** Each call counts as the milliseconds of the window. */
  readonly used: number
  /** Whole milliseconds, when this was so. */
  readonly at: number
}

export interface JudgedCall {
  readonly isAllowed: boolean
  /** The usage from now on. A call that is not allowed uses nothing. */
  readonly usage: Usage
  /** Further calls that may be made now. */
  readonly remaining: number
  /** Whole seconds, from 1, until one more call than these may be made. */
  readonly secondsToNext: number
}

/** Judges a call at a time in whole milliseconds. A time before that of the usage counts as its time. */
export const judgeCall = (
  { calls, seconds }: RateLimit,
  before: Usage | undefined,
  now: number
): JudgedCall => {
  const window = seconds * 1_000
  const most = calls * window
  const at = Math.max(now, before?.at ?? now)
  const given = before === undefined ? 0 : (at - before.at) * calls
  const kept = Math.max(0, (before?.used ?? 0) - given)
  const isAllowed = kept + window <= most
  const used = isAllowed ? kept + window : kept
  const remaining = Math.floor((most - used) / window)
  const millisToNext = (used - most + (remaining + 1) * window) / calls
  return { isAllowed, usage: { used, at }, remaining, secondsToNext: Math.ceil(millisToNext / 1_000) }
}

/** Whether a usage is over by a time, as if there had been no call. */
export const isOver = ({ calls }: RateLimit, { at, used }: Usage, now: number): boolean =>
  used <= (now - at) * calls
