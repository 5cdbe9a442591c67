import { laws, runs } from "@leadterra/conformance"
import fc from "fast-check"
import { afterAll, describe, it } from "vitest"
import { startPostgres } from "../../../test/postgres.ts"
import { storesOn } from "./stores.ts"

const server = await startPostgres()
const stores = storesOn(server)
afterAll(async () => {
  await stores.close()
  await server.stop()
})

/** A server takes longer than all other stores together, so by day it has a quarter of their runs. */
const numRuns = process.env["NIGHTLY"] === undefined ? runs / 4 : runs

describe("PostgreSQL keeps the laws", () => {
  for (const { examples, property, title } of laws) {
    it(title, { timeout: 1_800_000 }, async () => {
      await fc.assert(property(stores.layer), { numRuns, examples })
    })
  }
})
