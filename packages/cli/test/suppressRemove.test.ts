import { userInfo } from "node:os"
import { join } from "node:path"
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import { open } from "@leadterra/core/promise"
import { expect, it } from "vitest"
import { scene } from "./terminal.ts"

// FAULTS 58.
it("SU-4, EV-1: suppress remove tells the events who did so, by default the user of the system", async () => {
  const { command, folder } = scene()
  await command(["suppress", "add", "ava@acmecorp.com", "bo@acmecorp.com"])
  await command(["suppress", "remove", "ava@acmecorp.com"])
  expect((await command(["suppress", "remove", "bo@acmecorp.com", "--actor", "user_42"])).exitCode).toBe(0)
  expect((await command(["suppress", "remove", "bo@acmecorp.com", "--actor", ""])).exitCode).toBe(2)
  await using engine = await open(SqliteRepository.layer({ filename: join(folder, "leads.db") }))
  const { items } = await engine.events.read({ workspaceId: "default" })
  const actors = items.flatMap((event) => (event.kind === "suppression.removed" ? [event.actor] : []))
  expect(actors).toEqual([userInfo().username, "user_42"])
})
