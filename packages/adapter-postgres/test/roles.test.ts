/**
 * FAULTS 56: the roles of the README, with every statement of the store and with those that a
 * service must not run.
 */

import * as Effect from "effect/Effect"
import { Client } from "pg"
import { afterAll, expect, it, onTestFinished } from "vitest"
import { startPostgres } from "../../../test/postgres.ts"
import { tables } from "../src/migrations.ts"
import { databasesOn, using } from "./databases.ts"
import { grantsOf, rolesOf } from "./roles.ts"
import { useAll } from "./useAll.ts"

const server = await startPostgres()
afterAll(() => server.stop())
const newDatabase = databasesOn(server)

const connected = async (url: string): Promise<Client> => {
  const client = new Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

const as = (url: string, role: string): string => {
  const other = new URL(url)
  other.username = role
  return other.href
}

const forbidden: ReadonlyArray<string> = [
  ...tables.map((table) => `TRUNCATE ${table}`),
  ...tables.map((table) => `ALTER TABLE ${table} ADD COLUMN more text`),
  ...tables.map((table) => `DROP TABLE ${table}`),
  ...[
    "workspace",
    "campaign",
    "lead_batch",
    "lead",
    "enrollment",
    "message",
    "event",
    "leadterra_version"
  ].map((table) => `DELETE FROM ${table}`),
  "UPDATE event SET at = 0",
  "UPDATE lead_batch SET ulid = ulid",
  "UPDATE suppression SET reason = reason",
  "UPDATE erasure SET erased_at = 0",
  "UPDATE workspace SET secret = ''",
  "UPDATE workspace SET workspace = workspace",
  "UPDATE leadterra_version SET version = 99",
  "INSERT INTO leadterra_version VALUES (99)",
  "TRUNCATE leadterra_version",
  "LOCK TABLE leadterra_version IN ACCESS EXCLUSIVE MODE",
  "LOCK TABLE event IN ACCESS EXCLUSIVE MODE",
  "CREATE TABLE more (text text)",
  "CREATE FUNCTION more() RETURNS int LANGUAGE sql AS 'SELECT 1'",
  "CREATE INDEX ON lead (email)"
]

it.each([
  ["whole tables", undefined],
  ["tables in parts", 4]
])(
  "the service of the README runs every statement on %s, and can neither delete events nor lock anybody out",
  async (_, partitions) => {
    const ending = `${process.pid}_${partitions ?? 0}`
    const url = await newDatabase()
    const administrator = await connected(url)
    await administrator.query(rolesOf(ending))
    onTestFinished(async () => {
      for (const role of ["owner", "service"])
        await administrator.query(
          `DROP OWNED BY leadterra_${role}_${ending}; DROP ROLE leadterra_${role}_${ending}`
        )
    })
    const ownerUrl = as(url, `leadterra_owner_${ending}`)
    await using({ url: ownerUrl, partitions }, Effect.void)
    await (await connected(ownerUrl)).query(grantsOf(ending))

    const serviceUrl = as(url, `leadterra_service_${ending}`)
    await useAll({ url: serviceUrl, migrate: false })
    const service = await connected(serviceUrl)
    for (const sql of forbidden) {
      await expect(service.query(`BEGIN; ${sql}`), sql).rejects.toMatchObject({ code: "42501" })
      await service.query("ROLLBACK")
    }
    const { rows } = await administrator.query("SELECT version > 0 AS stands FROM leadterra_version")
    expect(rows).toEqual([{ stands: true }])
  }
)
