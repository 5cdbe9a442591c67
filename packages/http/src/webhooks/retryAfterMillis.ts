/** A date of HTTP, such as `Sun, 06 Nov 1994 08:49:37 GMT`. */
const httpDate = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

/**
 * Returns the milliseconds from `now`, in milliseconds since the epoch, that a `Retry-After` names by
 * seconds or by a date (RFC 9110). A date that is over gives a negative number, other text null.
 */
export const retryAfterMillis = (text: string, now: number): number | null => {
  if (/^\d+$/.test(text)) return Number(text) * 1_000
  const time = httpDate.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(time) ? null : time - now
}
