/** New databases on one server, and use cases on them. */
import type { Repository } from "@leadterra/core"
import * as Effect from "effect/Effect"
import { Client } from "pg"
import { onTestFinished } from "vitest"
import type { PostgresServer } from "../../../test/postgres.ts"
import { PostgresRepository } from "../src/index.ts"

/** Makes databases, and returns the url of each; they end with the server. */
export const databasesOn = (server: PostgresServer): (() => Promise<string>) => {
  let made = 0
  return async () => {
    const name = `test_${process.pid}_${made++}`
    await server.run(`CREATE DATABASE ${name}`)
    return server.url(name)
  }
}

/** Connects a client, and closes it with the test. */
export const connected = async (url: string): Promise<Client> => {
  const client = new Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

/** Runs a use case on a store of its own. */
export const using = <A, E>(
  options: PostgresRepository.PostgresOptions,
  effect: Effect.Effect<A, E, Repository>
): Promise<A> => Effect.runPromise(Effect.provide(effect, PostgresRepository.layer(options)))
