/** Whole numbers as text by way of a table: most of a list's cells are numbers, and each is another one. */

const fours = Array.from({ length: 10_000 }, (_, number) => String(number).padStart(4, "0"))

/** The last four digits, with noughts in front. */
export const lastFour = (number: number): string => fours[number % 10_000] ?? ""

/** A whole number of five digits or more. */
export const digits = (number: number): string => `${Math.floor(number / 10_000)}${lastFour(number)}`
