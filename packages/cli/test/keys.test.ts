/** `keys`: on a file, and on a PostgreSQL server. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { startPostgres } from "../../../test/postgres.ts"
import { scene } from "./terminal.ts"

const server = await startPostgres()
afterAll(() => server.stop())

let made = 0
const stores = {
  "on a file": async (): Promise<ReadonlyArray<string>> => [],
  "on a PostgreSQL server": async () => {
    const database = `cli_keys_${process.pid}_${made++}`
    await server.run(`CREATE DATABASE ${database}`)
    return ["--db", server.url(database)]
  }
}

describe.each(Object.entries(stores))("%s", (_, storeOf) => {
  it("creates keys that are printed once, lists them without, and revokes them", async () => {
    const { command } = scene()
    const db = await storeOf()
    const live = await command([...db, "keys", "create"])
    expect(live).toEqual({
      exitCode: 0,
      out: expect.stringMatching(/^sk_live_[0-9A-Za-z]{49}\n$/),
      err: "This live key of the workspace default is shown this once: keep it where secrets are kept\n"
    })
    const test = await command([...db, "--json", "keys", "create", "--test"])
    const { key, ...record } = JSON.parse(test.out)
    expect([test.exitCode, test.err, key]).toEqual([0, "", expect.stringMatching(/^sk_test_/)])
    expect(record).toEqual({
      id: expect.stringMatching(/^key_/),
      workspaceId: "default-test",
      mode: "test",
      hint: key.slice(-4),
      createdAt: expect.any(Number),
      revokedAt: null
    })
    await command([...db, "keys", "create", "--test", "--workspace", "oak"])
    const listed = await command([...db, "keys", "list", "--json"])
    expect(JSON.parse(listed.out)).toMatchObject([
      { mode: "live", workspaceId: "default", hint: live.out.trim().slice(-4) },
      record,
      { mode: "test", workspaceId: "oak" }
    ])
    const text = (await command([...db, "keys", "list"])).out
    expect(text.trim().split("\n")).toHaveLength(3)
    for (const secret of [key, live.out.trim(), "hash"]) expect(listed.out + text).not.toContain(secret)
    const ofOak = await command([...db, "keys", "list", "--workspace", "oak"])
    expect(ofOak.out.trim().split("\n")).toHaveLength(1)
    expect(await command([...db, "keys", "revoke", record.id])).toEqual({
      exitCode: 0,
      out: "revoked\n",
      err: ""
    })
    expect((await command([...db, "keys", "list"])).out).toMatch(/ revoked 20/)
  })

  it("rotates the secret of unsubscribe links, and refuses a tenth one whose links are valid", async () => {
    const { command } = scene()
    const db = await storeOf()
    await command([...db, "keys", "create"])
    const rotate = (...argv: ReadonlyArray<string>) => command([...db, "keys", "rotate-unsubscribe", ...argv])
    const rotated = { exitCode: 0, err: "", out: "rotated: links that were sent before work for 730 days\n" }
    for (let round = 0; round < 9; round++) expect(await rotate()).toEqual(rotated)
    expect(await rotate()).toMatchObject({
      exitCode: 5,
      out: "",
      err: expect.stringContaining("drop them all")
    })
    expect(await rotate("--end-links")).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining("no link")
    })
    expect(JSON.parse((await rotate("--json")).out)).toEqual({ rotated: true, linksEnded: false })
  })

  it("refuses a key of the other mode, an unknown id and an invalid workspace", async () => {
    const { command } = scene()
    const db = await storeOf()
    await command([...db, "keys", "create", "--workspace", "acme"])
    const other = await command([...db, "keys", "create", "--test", "--workspace", "acme"])
    expect(other).toEqual({
      exitCode: 5,
      out: "",
      err: "error: this workspace is a live workspace, for ever: name another one for test keys\n"
    })
    const unknown = await command([...db, "keys", "revoke", "key_1"])
    expect(unknown).toMatchObject({ exitCode: 5, err: expect.stringContaining("keys list shows the ids") })
    const invalid = await command([...db, "keys", "create", "--workspace", "a b"])
    expect(invalid).toMatchObject({ exitCode: 2, out: "" })
  })
})

it("keeps keys in the file of the leads, as hashes alone", async () => {
  const { command, folder } = scene()
  const { out } = await command(["keys", "create"])
  const bytes = ["leads.db", "leads.db-wal"].map((name) => {
    try {
      return readFileSync(join(folder, name), "latin1")
    } catch {
      return ""
    }
  })
  expect(bytes.join("")).not.toContain(out.trim().slice("sk_live_".length, -6))
})

it("lists no keys of a file that is not there", async () => {
  const { command } = scene()
  for (const argv of [
    ["keys", "list"],
    ["keys", "revoke", "key_1"]
  ])
    expect(await command(argv)).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining("There is no file")
    })
})
