import { readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, expect, it } from "vitest"
import { startPostgres } from "../../../test/postgres.ts"
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
