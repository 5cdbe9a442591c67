/** A workspace whose writes wait on PostgreSQL, and the connections that it leaves to others. */
import { PostgresRepository } from "@leadterra/adapter-postgres"
import { open } from "@leadterra/core/promise"
import { createKey, handlers, MemoryServerStore } from "@leadterra/http"
import { Client } from "pg"
import { afterAll, expect, it, onTestFinished } from "vitest"
import { startPostgres } from "../../../test/postgres.ts"

const postgres = await startPostgres()
afterAll(() => postgres.stop())

it("a workspace with many writes that wait leaves connections to the others", async () => {
  const database = `slow_writes_${process.pid}`
  await postgres.run(`CREATE DATABASE ${database}`)
  const url = postgres.url(database)
  const engine = await open(PostgresRepository.layer({ url, connections: 5, acquireTimeoutMillis: 5_000 }))
  const store = MemoryServerStore.make()
  const server = handlers({ engine, store })
  // A transaction always sees the activity of its first look.
  const [locker, watcher] = [new Client({ connectionString: url }), new Client({ connectionString: url })]
  await Promise.all([locker.connect(), watcher.connect()])
  onTestFinished(async () => {
    await server.close()
    await engine.close()
    await Promise.all([locker.end(), watcher.end()])
  })
  const createIn = async (workspaceId: string) => {
    const { key } = await createKey({ engine, store }, { workspaceId, mode: "live", now: Date.now() })
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" }
    return async () => {
      const init = { method: "POST", headers, body: JSON.stringify({ name: "Spring" }) }
      return (await server.fetch(new Request("http://localhost/v1/campaigns", init))).status
    }
  }
  const [slow, other] = [await createIn("slow"), await createIn("other")]
  expect([await slow(), await other()]).toEqual([201, 201])

  await locker.query("BEGIN")
  await locker.query("SELECT 1 FROM workspace WHERE workspace = 'slow' FOR UPDATE")
  const waiting = Array.from({ length: 20 }, slow)
  for (;;) {
    const { rows } = await watcher.query(
      "SELECT count(*)::int AS waits FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    if (rows[0].waits === 4) break
  }
  expect(await other()).toBe(201)
  await locker.query("COMMIT")
  expect(await Promise.all(waiting)).toEqual(Array(20).fill(201))
})
