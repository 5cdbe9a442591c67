/** Draws a ULID from Effect's clock and random, so that a test with a fixed seed draws the same ones. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { ulid } from "ulid"
import type { Ulid } from "./model/Ids.ts"

export const drawUlid: Effect.Effect<Ulid> = Effect.gen(function* () {
  const now = yield* Clock.currentTimeMillis
  const digits: Array<number> = []
  for (let i = 0; i < 16; i++) digits.push(yield* Random.next)
  return ulid(now, () => digits.pop() ?? 0)
})
