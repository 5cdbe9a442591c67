/** The digits in the order of their code points, so that texts of one width sort as their numbers. */
const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

const base = BigInt(digits.length)

/** Returns a number of any size, from 0, in base 62, with zeros in front up to a width. */
export const base62 = (value: bigint, width: number): string => {
  let text = ""
  for (let rest = value; rest > 0n; rest /= base) text = digits.charAt(Number(rest % base)) + text
  return text.padStart(width, digits.charAt(0))
}
