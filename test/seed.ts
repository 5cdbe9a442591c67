/**
 * One fast-check seed for the whole run: `FC_SEED`, or one chosen at random. It is printed once, so that
 * `FC_SEED=<seed> npm test` repeats a run, and handed to every worker.
 */
import { randomInt } from "node:crypto"
import type { TestProject } from "vitest/node"

declare module "vitest" {
  interface ProvidedContext {
    readonly fastCheckSeed: number
  }
}

const limit = 2 ** 31

function seedOf(given: string | undefined): number {
  if (given === undefined || given === "") return randomInt(-limit, limit)
  const seed = Number(given)
  if (Number.isInteger(seed) && seed >= -limit && seed < limit) return seed
  throw new Error(`FC_SEED must be an integer from ${-limit} to ${limit - 1}, not ${JSON.stringify(given)}`)
}

export default function provideSeed(project: TestProject): void {
  const seed = seedOf(process.env["FC_SEED"])
  console.log(`fast-check seed ${seed}`)
  project.provide("fastCheckSeed", seed)
}
