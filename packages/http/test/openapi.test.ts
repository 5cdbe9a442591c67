/** The OpenAPI document by the eyes of others: a linter that is not ours, and the guide, whose calls are its examples. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { createConfig, lint } from "@redocly/openapi-core"
import { OpenApi } from "effect/http-api"
import { describe, expect, it } from "vitest"
import { blocksOf } from "../../../test/markdown.ts"
import { Api } from "../src/contract/Api.ts"
import { examples } from "../src/contract/examples.ts"

const file = join(import.meta.dirname, "..", "openapi.json")
const guide = readFileSync(join(import.meta.dirname, "..", "..", "..", "docs", "guide.md"), "utf8")

/** An id, a secret or a time of any value, so that those of two examples compare. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value)
      .replaceAll(/"(camp|evt|imp|msg|wh)_\w+"/g, '"$1_ID"')
      .replaceAll(/"whsec_[^"]+"/g, '"SECRET"')
      .replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"TIME"')
  )

/** The calls of the guide: their methods, paths, bodies, and the members of the answers that it shows. */
const calls = blocksOf(guide)
  .filter(({ info }) => info === "sh")
  .filter(({ code }) => code.includes("sk_live_") || code.includes("2040-06-10"))
  .map(({ code, next }) => {
    // A pipe shows the answer of its last call.
    const [, path = ""] = /.*127\.0\.0\.1:8787([^\s"?]+)/s.exec(code) ?? []
    const [, body] = /-d '([\s\S]*)'/.exec(code) ?? []
    return {
      method: code.includes("-X POST") ? "post" : "get",
      path: path.replace(/\b(?:camp|imp|wh)_\w+/, "{id}"),
      body: body === undefined ? undefined : plain(JSON.parse(body)),
      answer: plain(JSON.parse(next?.code ?? ""))
    }
  })

describe("the examples", () => {
  it("are the calls of the guide, in its order, with its bodies and answers", () => {
    expect(calls.length).toBeGreaterThan(10)
    const shown = examples.map(({ answer, body, method, path }) => ({
      method,
      path,
      body: body === undefined ? undefined : plain(body),
      answer: plain(answer)
    }))
    expect(shown).toMatchObject(calls)
    expect(shown.map(({ body }) => body)).toEqual(calls.map(({ body }) => body))
  })

  it("stand in the document beside the schemas of the bodies and answers that they show", () => {
    const document = JSON.stringify(OpenApi.fromApi(Api))
    for (const { answer, body } of examples) {
      for (const value of body === undefined ? [answer] : [answer, body])
        expect(document.includes(`"value":${JSON.stringify(value)}`), JSON.stringify(value)).toBe(true)
    }
  })
})

it("says what refuses a batch, and which members count steps from 0", () => {
  const { components, paths } = OpenApi.fromApi(Api)
  for (const to of ["bulk", "preview"])
    expect(paths[`/v1/campaigns/{id}/leads/${to}`]?.post?.parameters).toContainEqual({
      in: "query",
      name: "onInvalid",
      required: false,
      schema: {
        type: "string",
        enum: ["report", "reject"],
        description: expect.stringContaining("reject: one row that breaks a rule refuses the batch")
      }
    })
  expect(components.schemas["Explanation"]).toMatchObject({
    properties: { summary: { description: expect.stringContaining("counts steps from 1") } }
  })
})

it("has no fault by the rules of Redocly, which hold the examples against their schemas too", async () => {
  const config = await createConfig({
    extends: ["recommended"],
    rules: { "no-invalid-media-type-examples": "error", "no-invalid-schema-examples": "error" }
  })
  const problems = await lint({ ref: file, config })
  expect(problems.map(({ location, message }) => `${location[0]?.pointer}: ${message}`)).toEqual([])
})
