/**
 * Draws a ULID: 48 bits of Effect's clock and 80 bits of its random, in Crockford's base 32. A test with a fixed seed
 * draws the same ones. Own code, since the library
 * loads `node:crypto`, for which nothing here has a use.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { crockford, type Ulid } from "./model/Ids.ts"

export const drawUlid: Effect.Effect<Ulid> = Effect.gen(function* () {
  let ulid = ""
  for (
    let time = Math.max(0, yield* Clock.currentTimeMillis), i = 0;
    i < 10;
    i++, time = Math.floor(time / 32)
  )
    ulid = crockford.charAt(time % 32) + ulid
  for (let i = 0; i < 16; i++) ulid += crockford.charAt(Math.floor((yield* Random.next) * 32))
  return ulid
})
