import { readFileSync } from "node:fs"
import { join } from "node:path"
import { OpenApi } from "effect/http-api"
import { expect, it } from "vitest"
import { Api } from "../src/contract/Api.ts"
import * as Problems from "../src/contract/problems.ts"

const readme = readFileSync(join(import.meta.dirname, "..", "README.md"), "utf8")

it("the README lists the code of every problem beside its status", () => {
  const rows = Array.from(readme.matchAll(/^\| (\d{3}) \| (.+) \|$/gm), ([, status, codes = ""]) =>
    Array.from(codes.matchAll(/`(\w+)`/g), ([, code]) => `${status} ${code}`)
  ).flat()
  const classes = Object.values(Problems).filter(
    (value) => typeof value === "function" && "ast" in value && value !== Problems.ProblemItem
  )
  const codes = classes.map((problem) => {
    const { code, status } = new (problem as new (members: object) => { code: string; status: number })({
      errors: [],
      errorCount: 0,
      limit: 1,
      unit: "bytes"
    })
    return `${status} ${code}`
  })
  expect(rows).toEqual(codes)
})

it("the README names every path of the contract", () => {
  const named = readme.replaceAll(/`((?:GET|POST|PUT|PATCH) )?(\/[^`]*)`/g, "$2")
  for (const path of Object.keys(OpenApi.fromApi(Api).paths)) {
    const last = path.slice(path.lastIndexOf("/"))
    const shown = last.startsWith("/{") ? path.replaceAll(/\{(\w+)\}/g, ":$1") : last
    expect(named, path).toContain(shown)
  }
})

it("openapi.json is what `npm run openapi` writes", () => {
  const kept: unknown = JSON.parse(readFileSync(join(import.meta.dirname, "..", "openapi.json"), "utf8"))
  expect(kept).toEqual(JSON.parse(JSON.stringify(OpenApi.fromApi(Api))))
})
