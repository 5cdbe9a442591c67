/**
 * Addresses that look mistyped come with a suggestion, and land only when a person accepts it
 * (ID-4).
 */
import { readFileSync } from "node:fs"
import { userInfo } from "node:os"
import { join } from "node:path"
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import { open } from "@leadterra/core/promise"
import { expect, it } from "vitest"
import { scene } from "./terminal.ts"

it("ID-4: an import asks whether another address was meant, and enrols nobody by itself", async () => {
  const { campaign, command, folder, put } = scene()
  const id = await campaign()
  put("list.csv", "email\nmailto:ava@acmecorp.com\nnobody\n“bo@oak.example”\n")
  const argv = ["leads", "import", "list.csv", "-c", id]
  const told = await command(argv)
  expect(told.exitCode).toBe(3)
  expect(told.out).toMatch(/^enrolled +0$/m)
  const [first, second, third] = told.err.split("\n")
  expect(first).toMatch(/^line 2: email: .*; did you mean ava@acmecorp\.com\?$/)
  expect(second).toMatch(/^line 3: email: /)
  expect(second).not.toContain("did you mean")
  expect(third).toMatch(/; did you mean bo@oak\.example\?$/)
  const { failedRows } = JSON.parse((await command([...argv, "--json"])).out)
  expect(failedRows[0].issues).toMatchObject([{ path: "email", suggestion: "ava@acmecorp.com" }])
  await command([...argv, "--failed", join(folder, "failed.csv")])
  expect(readFileSync(join(folder, "failed.csv"), "utf8")).toContain("ava@acmecorp.com,")
})

it("SU-1, ID-4: one invalid entry holds up no other opt-out, and comes with what may have been meant", async () => {
  const { command, put } = scene()
  const valid = Array.from({ length: 999 }, (_, index) => `p${index}@oak.example`)
  put("gone.txt", [...valid.slice(0, 500), "mailto:ava@acmecorp.com", ...valid.slice(500)].join("\n"))
  const told = await command(["suppress", "add", "gone.txt"])
  expect(told).toMatchObject({ exitCode: 3, out: "999 suppressed, 0 already were, 999 in all\n" })
  expect(told.err).toMatch(/gone\.txt, line 501: .*; did you mean ava@acmecorp\.com\?\n$/)
  const json = await command(["suppress", "add", "gone.txt", "--json"])
  expect(json.exitCode).toBe(3)
  expect(JSON.parse(json.out)).toMatchObject({
    ...{ suppressed: 0, alreadySuppressed: 999, failed: 1 },
    problems: [{ suggestion: "ava@acmecorp.com" }]
  })
  expect((await command(["suppress", "check", "ava@acmecorp.com"])).out).toMatch(/free/)
})

it("SU-4: a removal is told with the actor that is named, and else with the user of the system", async () => {
  const { command, folder } = scene()
  await command(["suppress", "add", "ava@acmecorp.com", "bo@acmecorp.com"])
  const named = await command(["suppress", "remove", "ava@acmecorp.com", "--actor", "Cy, support"])
  expect(named.out).toBe("1 removed, 1 left\n")
  expect((await command(["suppress", "remove", "bo@acmecorp.com"])).out).toBe("1 removed, 0 left\n")
  await using engine = await open(SqliteRepository.layer({ filename: join(folder, "leads.db") }))
  const { items } = await engine.events.read({ workspaceId: "default" })
  const actors = items.flatMap((event) => (event.kind === "suppression.removed" ? [event.actor] : []))
  expect(actors).toEqual(["Cy, support", userInfo().username])
})
