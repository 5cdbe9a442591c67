/** Beside the server and the tables that the gate takes: the other version, tables in parts, and connections that wait for each statement. */
import { conformance, fewestRuns } from "@leadterra/conformance"
import { afterAll } from "vitest"
import { startOwn } from "../../../test/postgres.ts"
import { storesOn } from "./stores.ts"

for (const { origin, partitions, pipeline } of [
  { origin: "found", partitions: undefined, pipeline: false },
  { origin: "found", partitions: 16, pipeline: true },
  { origin: "shipped", partitions: undefined, pipeline: true },
  { origin: "shipped", partitions: 16, pipeline: false }
] as const) {
  const server = await startOwn(origin)
  if (server === undefined) throw new Error(`no PostgreSQL is ${origin} here`)
  const stores = storesOn(server, { partitions, pipeline })
  afterAll(async () => {
    await stores.close()
    await server.stop()
  })
  const tables = partitions === undefined ? "" : `, tables in ${partitions} parts`
  const statements = pipeline ? "" : ", one statement at a time"
  // The same program runs here as in the gate, which runs it more often at night.
  conformance(`${server.origin}${tables}${statements}`, stores.layer, fewestRuns)
}
