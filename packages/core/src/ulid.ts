/**
 * Draws a ULID: 48 bits of Effect's clock and 80 random bits, in Crockford's base 32. The bits come
 * from the host's `crypto.getRandomValues`, so that nobody can foretell an id, or from the `Random`
 * that was provided: a test with a seed draws the same ids again. Effect's own default is
 * `Math.random`, and a library would load `node:crypto`.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { crockford, type Ulid } from "./model/Ids.ts"

const defaultRandom = Context.get(Context.empty(), Random.Random)

/** Digits of base 32, each from 0 to 31. */
const digitsOf = (random: Random.Random): ReadonlyArray<number> =>
  random === defaultRandom
    ? Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte % 32)
    : Array.from({ length: 16 }, () => Math.floor(random.nextDoubleUnsafe() * 32))

export const drawUlid: Effect.Effect<Ulid> = Effect.gen(function* () {
  let ulid = ""
  for (
    let time = Math.max(0, yield* Clock.currentTimeMillis), i = 0;
    i < 10;
    i++, time = Math.floor(time / 32)
  )
    ulid = crockford.charAt(time % 32) + ulid
  for (const digit of digitsOf(yield* Random.Random)) ulid += crockford.charAt(digit)
  return ulid
})
