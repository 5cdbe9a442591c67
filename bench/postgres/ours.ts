/** Leadterra on PostgreSQL. */
import { PostgresRepository } from "@leadterra/adapter-postgres"
import type { Open } from "../Enroller.ts"
import { openWith } from "../ours.ts"
import { startDatabase } from "./database.ts"

export const openOurs: Open = async (_, suppressed) => {
  const database = await startDatabase()
  const enroller = await openWith(PostgresRepository.layer({ url: database.url, connections: 2 }), suppressed)
  return {
    ...enroller,
    close: async () => {
      await enroller.close()
      await database.stop()
    }
  }
}
