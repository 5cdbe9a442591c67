import { readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, expect, it, onTestFinished } from "vitest"
import { startOwn, startPostgres } from "../../../test/postgres.ts"
import { scene } from "./terminal.ts"

const server = await startPostgres()
afterAll(() => server.stop())

it("works on a PostgreSQL server as it does on a file", async () => {
  const database = `cli_${process.pid}`
  await server.run(`CREATE DATABASE ${database}`)
  const { command, folder, put } = scene()
  const db = ["--db", server.url(database)]
  put("steps.json", JSON.stringify([{ subject: "Hi {{firstName}}", bodyHtml: "<p>{{plan}}</p>" }]))
  put("list.csv", "email,firstName,plan\nava@acmecorp.com,Ava,pro\nbo@oak.example,Bo,free\nnobody,No,free\n")
  const campaign = (
    await command([...db, "campaign", "create", "Spring", "--steps", "steps.json"])
  ).out.trim()
  await command([...db, "suppress", "add", "@oak.example"])
  const dry = await command([...db, "leads", "import", "list.csv", "--campaign", campaign, "--dry-run"])
  expect(dry.exitCode).toBe(2)
  expect(dry.err).toMatch(/copy the database/)
  const imported = await command([...db, "--json", "leads", "import", "list.csv", "--campaign", campaign])
  expect(JSON.parse(imported.out)).toMatchObject({ rows: 3, enrolled: 1, skipped: 1, failed: 1 })
  expect((await command([...db, "campaign", "start", campaign])).exitCode).toBe(0)
  expect(JSON.parse((await command([...db, "--json", "stats", campaign])).out)).toMatchObject({
    totalEnrolled: 1,
    queued: 1
  })
  await command([...db, "leads", "export", "--campaign", campaign, "--output", join(folder, "export.csv")])
  expect(readFileSync(join(folder, "export.csv"), "utf8")).toMatch(/ava@acmecorp\.com/)
})

it("tells what is wrong with a server, and no password", async () => {
  const { command } = scene()
  const { err, exitCode } = await command(["--db", "postgres://ann:hunter2@127.0.0.1:1/db", "stats", "x"])
  expect(exitCode).toBeGreaterThan(0)
  expect(err).toMatch(/cannot be reached/)
  expect(err).not.toMatch(/hunter2/)
})

it("serves the API on a server, is not ready while that is away, and goes on when it is back", async () => {
  const durable = { fsync: "on", synchronous_commit: "on" }
  const own = (await startOwn("found", durable)) ?? (await startOwn("shipped", durable))
  if (own === undefined) throw new Error("no PostgreSQL to start")
  onTestFinished(() => own.stop())
  const { command } = scene()
  const db = ["--db", own.url()]
  const key = (await command([...db, "keys", "create"])).out.trim()
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" }
  const stop = new AbortController()
  const statuses: Array<ReadonlyArray<number>> = []
  const { err, exitCode } = await command([...db, "serve", "--port", "0"], {
    interrupt: stop.signal,
    onOut: async (text) => {
      const [, url = ""] = /Listening on (\S+)/.exec(text) ?? []
      const ask = async () => {
        const [ready, listed] = [
          await fetch(`${url}/readyz`),
          await fetch(`${url}/v1/campaigns`, { headers })
        ]
        statuses.push([ready.status, listed.status])
      }
      await ask()
      await own.kill()
      await ask()
      await own.restart()
      await ask()
      stop.abort()
    }
  })
  expect([exitCode, statuses]).toEqual([
    0,
    [
      [200, 200],
      [503, 503],
      [200, 200]
    ]
  ])
  expect(err).not.toMatch(/"error"/)
})

it("makes tables on a server for a command that makes a store, and for no other", async () => {
  const database = `cli_none_${process.pid}`
  await server.run(`CREATE DATABASE ${database}`)
  const { command } = scene()
  const db = ["--db", server.url(database).replace(/^postgres/, "POSTGRES")]
  const noTables = "SELECT 1 / (count(*) = 0)::int FROM pg_tables WHERE schemaname = 'public'"
  for (const argv of [
    ["campaign", "list"],
    ["keys", "list"],
    ["suppress", "list"],
    ["stats", "x"]
  ]) {
    const { err, exitCode } = await command([...db, ...argv])
    expect([exitCode, err]).toEqual([2, expect.stringContaining("There are no campaigns in this database")])
    await server.run(noTables, database)
  }
  expect((await command([...db, "suppress", "add", "@oak.example"])).exitCode).toBe(0)
  expect((await command([...db, "campaign", "list"])).out).toBe("There are no campaigns yet\n")
})
