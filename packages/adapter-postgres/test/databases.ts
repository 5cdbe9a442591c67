/** New databases on one server, and use cases on them. */
import type { Repository } from "@leadterra/core"
import * as Effect from "effect/Effect"
import type { PostgresServer } from "../../../test/postgres.ts"
import { PostgresRepository } from "../src/index.ts"

/** Makes databases, and gives where each is; they are gone with the server. */
export const databasesOn = (server: PostgresServer): (() => Promise<string>) => {
  let made = 0
  return async () => {
    const name = `test_${process.pid}_${made++}`
    await server.run(`CREATE DATABASE ${name}`)
    return server.url(name)
  }
}

/** Runs a use case on a store of its own. */
export const using = <A, E>(
  options: PostgresRepository.PostgresOptions,
  effect: Effect.Effect<A, E, Repository>
): Promise<A> => Effect.runPromise(Effect.provide(effect, PostgresRepository.layer(options)))
