import { readFileSync } from "node:fs"
import { join } from "node:path"
import { FileError } from "@leadterra/files"
import { OpenApi } from "effect/http-api"
import { expect, it } from "vitest"
import { Api } from "../src/contract/Api.ts"
import * as Problems from "../src/contract/problems.ts"
import { jobFailureCodes, listFailureCodes } from "../src/imports/failureCodes.ts"

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

it("the README and the contract list the code of every failure of an import", () => {
  const [, item = ""] = /^- \*\*A failed job\*\*([\s\S]*?)^- \*\*/m.exec(readme) ?? []
  const listed = Array.from(item.matchAll(/^ {2}\| `(\w+)` \|/gm), ([, code]) => code)
  expect(listed).toEqual([...jobFailureCodes, ...listFailureCodes])
  // A path is the spool's own, and its reader reads a list once.
  const own = ["NotFound", "NotReadable", "Directory", "AlreadyRead"]
  const reasons = FileError.fields.reason.literals.filter((reason) => !own.includes(reason))
  const snakeCase = (name: string) => name.replace(/(?<=.)[A-Z]/g, "_$&").toLowerCase()
  expect(listFailureCodes).toEqual(reasons.map(snakeCase))
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
