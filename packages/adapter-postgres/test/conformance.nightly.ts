/** Beside the server and the tables that the gate takes: the other version, and tables in parts. */
import { conformance } from "@leadterra/conformance"
import { afterAll } from "vitest"
import { startOwn } from "../../../test/postgres.ts"
import { storesOn } from "./stores.ts"

for (const { origin, partitions } of [
  { origin: "found", partitions: 16 },
  { origin: "shipped", partitions: undefined },
  { origin: "shipped", partitions: 16 }
] as const) {
  const server = await startOwn(origin)
  if (server === undefined) throw new Error(`no PostgreSQL is ${origin} here`)
  const stores = storesOn(server, { partitions })
  afterAll(async () => {
    await stores.close()
    await server.stop()
  })
  const tables = partitions === undefined ? "" : `, tables in ${partitions} parts`
  conformance(`${server.origin}${tables}`, stores.layer)
}
