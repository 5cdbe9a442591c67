/**
 * New and empty stores on one server. A schema is made once and emptied after each use, since making its tables takes longer than most
 * runs of a law.
 */
import { PostgresRepository } from "@leadterra/adapter-postgres"
import { Repository, type RepositoryError } from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Pool } from "pg"
import type { PostgresServer } from "../../../test/postgres.ts"

interface Schema {
  readonly pool: Pool
  readonly name: string
  uses: number
}

const tables = [
  "message",
  "enrollment",
  "lead",
  "lead_batch",
  "campaign",
  "suppression",
  "erasure",
  "answer",
  "event",
  "workspace"
]

/** So often a schema is swept clean of what was deleted. */
const usesBeforeVacuum = 100

export interface Stores {
  readonly layer: Layer.Layer<Repository, RepositoryError>
  readonly close: () => Promise<void>
}

export const storesOn = (
  server: PostgresServer,
  {
    partitions,
    pipeline = true
  }: { readonly partitions?: number | undefined; readonly pipeline?: boolean } = {}
): Stores => {
  const all: Array<Schema> = []
  const free: Array<Schema> = []

  const make = async (): Promise<Schema> => {
    const name = `store_${process.pid}_${partitions ?? 0}_${all.length}`
    await server.run(`DROP SCHEMA IF EXISTS ${name} CASCADE; CREATE SCHEMA ${name}`)
    const options = `-c search_path=${name}`
    const pool = new Pool({ connectionString: server.url(), options, max: 4, pipeline })
    const schema = { name, pool, uses: 0 }
    all.push(schema)
    return schema
  }

  const empty = async (schema: Schema): Promise<void> => {
    await schema.pool.query(tables.map((table) => `DELETE FROM ${table}`).join("; "))
    schema.uses += 1
    if (schema.uses % usesBeforeVacuum === 0) await schema.pool.query("VACUUM")
    free.push(schema)
  }

  const schema = Effect.acquireRelease(
    Effect.promise(async () => free.pop() ?? (await make())),
    (schema) => Effect.promise(() => empty(schema))
  )
  return {
    layer: Layer.effect(
      Repository,
      Effect.flatMap(schema, ({ pool }) => PostgresRepository.make({ pool, partitions }))
    ),
    close: async () => {
      for (const { name, pool } of all) {
        await pool.end()
        await server.run(`DROP SCHEMA ${name} CASCADE`)
      }
    }
  }
}
