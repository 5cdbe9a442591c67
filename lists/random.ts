/**
 * Chance that repeats: every draw is a pure function of the seed, the row, the purpose and how many draws came before.
 * So a row can be made without the rows before it, and a list of any length begins alike. It is fit for test data, not
 * for secrets. What it gives must never change, since lists are named by their seed.
 */

/** A bijection of the 32-bit integers in which every bit of the result depends on every bit of the input. */
const mix = (input: number): number => {
  let bits = input | 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x21f0aaad)
  bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97)
  return bits ^ (bits >>> 15)
}

/** The draws of one row for one purpose. Rows step at paces of their own, so that no two run side by side. */
export class Draws {
  #state: number
  readonly #pace: number

  constructor(seed: number, row: number, purpose: number) {
    this.#state = mix(mix(mix(seed ^ 0x5bf03635) ^ row) + purpose)
    this.#pace = mix(row ^ 0x2545f491) | 1
  }

  /** A whole number from 0 to below `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + this.#pace) | 0
    return Math.floor(((mix(this.#state) >>> 0) / 4_294_967_296) * limit)
  }

  /** True in `share` of a thousand cases. */
  perMille(share: number): boolean {
    return this.below(1_000) < share
  }
}

/** One of the list. The list holds at least one, or this is a mistake in a dictionary. */
export const pick = <A>(draws: Draws, list: ReadonlyArray<A>): A => {
  const picked = list[draws.below(list.length)]
  if (picked === undefined) throw new Error("A dictionary is empty")
  return picked
}
