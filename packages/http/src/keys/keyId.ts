import { Ids } from "@leadterra/core"

const timeDigits = 10
const randomDigits = 16

/** Draws the id of a key: `key_` and a ULID of a time in milliseconds since the epoch. */
export const drawKeyId = (now: number): string => drawId("key", now)

/** Draws an id: a prefix and a ULID of a time in milliseconds since the epoch. */
export const drawId = (prefix: string, now: number): string => {
  let time = ""
  for (let rest = Math.max(0, Math.floor(now)); time.length < timeDigits; rest = Math.floor(rest / 32))
    time = Ids.crockford.charAt(rest % 32) + time
  const random = crypto.getRandomValues(new Uint8Array(randomDigits))
  return `${prefix}_${time}${Array.from(random, (byte) => Ids.crockford.charAt(byte % 32)).join("")}`
}
