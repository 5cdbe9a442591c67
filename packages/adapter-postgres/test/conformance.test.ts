import { conformance } from "@leadterra/conformance"
import { afterAll } from "vitest"
import { startPostgres } from "../../../test/postgres.ts"
import { storesOn } from "./stores.ts"

const server = await startPostgres()
const stores = storesOn(server)
afterAll(async () => {
  await stores.close()
  await server.stop()
})

conformance("PostgreSQL", stores.layer)
