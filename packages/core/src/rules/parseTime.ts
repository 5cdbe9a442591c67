/** Times from untrusted values. */

/** The times that a `Date` holds are within so many milliseconds of 1970. */
const dateMillis = 8.64e15

/**
 * Returns the milliseconds since 1970 of a number, or of an ISO time with its zone. Undefined for
 * anything else, and for times that a `Date` cannot hold.
 */
export const timeOf = (value: unknown): number | undefined => {
  const time = typeof value === "string" ? parseTime(value) : value
  return typeof time === "number" && Math.abs(time) <= dateMillis ? time : undefined
}

/** `Date.parse` reads the 30th of February as a day of March. */
const parseTime = (text: string): number | undefined => {
  const [, year, month, day] = isoTime.exec(text) ?? []
  return Number(day) <= daysIn(Number(year), Number(month)) ? Date.parse(text) : undefined
}

const daysIn = (year: number, month: number): number =>
  month === 2
    ? (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
      ? 29
      : 28
    : [4, 6, 9, 11].includes(month)
      ? 30
      : 31

const isoTime = /^(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/
