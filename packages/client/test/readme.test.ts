/** The README names every method of the client, and whether it is sent again. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { connect } from "../src/index.ts"
import { testKey } from "./server.ts"

const readme = readFileSync(join(import.meta.dirname, "..", "README.md"), "utf8")
const namesIn = (text: string) => Array.from(text.matchAll(/`([\w.]+)`/g), ([, name = ""]) => name)

const groups = Object.entries(connect({ url: "http://localhost", key: testKey })).map(([group, calls]) => ({
  group,
  methods: Object.getOwnPropertyNames(Object.getPrototypeOf(calls)).filter((name) => name !== "constructor")
}))

/** Methods of GET, of look-ups and of loops over them, which the table of retries calls "all that read". */
const reading =
  /^(list|all\w*|get|stats|enrolled|lookup|enrollment|explain|check|read|follow|ended|deliveries)$/

it("the table of calls has a row for every group, with its methods", () => {
  const rows = Array.from(
    readme.matchAll(/^\| `client\.(\w+)` \| (.+) \|$/gm),
    ([, group, methods = ""]) => ({
      group,
      methods: namesIn(methods).sort()
    })
  )
  const sorted = groups.map(({ group, methods }) => ({ group, methods: methods.sort() }))
  const byGroup = (of: typeof rows) => of.toSorted((a, b) => `${a.group}`.localeCompare(`${b.group}`))
  expect(byGroup(rows)).toEqual(byGroup(sorted))
})

it("the table of retries names every method that does not only read", () => {
  const [, table = ""] = /^\| call \| sent again \|$([\s\S]*?)^$/m.exec(readme) ?? []
  const named = new Set(namesIn(table).map((name) => name.replace(/^\w+\./, "")))
  const writing = groups.flatMap(({ methods }) => methods.filter((name) => !reading.test(name)))
  expect(writing.filter((name) => !named.has(name))).toEqual([])
})
