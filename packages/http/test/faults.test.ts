/** The faults of a request are told in the names of the contract: members, query parameters and headers. */

import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { MemoryServerStore } from "@leadterra/http"
import { openSpool } from "@leadterra/http/node"
import { describe, expect, it, onTestFinished } from "vitest"
import { startServer, steps } from "./server.ts"

const batch = { leads: [{ email: "ava@acmecorp.com" }] }

describe("faults of a request", () => {
  it("name a member as the contract does, and one of its forms alone", async () => {
    const { call, keyOf } = await startServer()
    const key = await keyOf("ws_test", "test")
    const { body } = await call("POST", "/v1/test-clock", { advanceTo: "+010000-01-01T00:00:00Z" }, { key })
    const message = "must be an ISO time such as 2025-06-10T15:00:00Z, from 1970 to 9989"
    expect(body).toMatchObject({
      detail: `The request is not well-formed: /advanceTo: ${message}`,
      errors: [{ pointer: "/advanceTo", message }]
    })
  })

  it("name a step by its pointer, in the detail too, and hide no other", async () => {
    const { call, createCampaign } = await startServer()
    const id = await createCampaign()
    const broken = { subject: 3, bodyHtml: "b", delayDays: -1, bad: 1 }
    const { body } = await call("PUT", `/v1/campaigns/${id}/steps`, { sequenceSteps: [...steps, broken] })
    const pointers = ["subject", "delayDays", "bad"].map((name) => `/sequenceSteps/1/${name}`)
    expect(body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(pointers)
    expect(body.errorCount).toBe(3)
    expect(body.detail).toMatch(
      /^The request is not well-formed: \/sequenceSteps\/1\/subject: .+ \(and 2 more\)$/
    )
  })

  it("of a header and of the query have no pointer, since they are in no body", async () => {
    const { call, createCampaign } = await startServer()
    const id = await createCampaign()
    const limit = "query limit: must be a whole number from 1 to 1000"
    const lists = ["campaigns", "leads", "suppression-list", "events", `campaigns/${id}/leads`]
    for (const list of lists)
      for (const value of ["0", "1001", "1.5"])
        expect((await call("GET", `/v1/${list}?limit=${value}`)).body, list).toMatchObject({
          code: "invalid_request",
          errors: [{ pointer: "", code: "invalid", message: limit }]
        })
    for (const to of ["bulk", "preview"])
      for (const key of ["", "k".repeat(256)]) {
        const headers = { "idempotency-key": key }
        const { body } = await call("POST", `/v1/campaigns/${id}/leads/${to}`, batch, { headers })
        const message = expect.stringMatching(/^headers idempotency-key: .* 1 to 255 characters/)
        expect(body).toMatchObject({ code: "invalid_request", errors: [{ pointer: "", message }] })
        expect(body.detail).toContain("headers idempotency-key: ")
      }
    expect((await call("POST", "/v1/delivery/claim", { limit: 0 })).body).toMatchObject({
      errors: [{ pointer: "/limit" }]
    })
  })

  it("of a list that is too long name the calls of the contract", async () => {
    const folder = mkdtempSync(join(tmpdir(), "leadterra-faults-"))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const store = MemoryServerStore.make()
    const spool = await openSpool({ folder, store })
    const { call, createCampaign } = await startServer({ spool }, (engine) => engine, store)
    const id = await createCampaign()
    const leads = Array.from({ length: 10_001 }, () => ({ email: "ava@acmecorp.com" }))
    const many = "A call takes at most 10000 entries: split the list into several calls"
    const bulk = await call("POST", `/v1/campaigns/${id}/leads/bulk`, { leads })
    expect(bulk.body).toMatchObject({
      detail: `${many}; or upload the list by POST /v1/campaigns/{id}/imports`,
      limit: 10_000,
      unit: "entries"
    })
    const preview = await call("POST", `/v1/campaigns/${id}/leads/preview`, { leads })
    expect(preview.body).toMatchObject({ code: "too_large", detail: many })
  })
})
