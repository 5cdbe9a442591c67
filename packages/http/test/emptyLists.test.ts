/** Lists that have no entries: of leads that are asked for, and of addresses that are sent. */
import { OpenApi } from "effect/http-api"
import { expect, it } from "vitest"
import { Api } from "../src/contract/Api.ts"
import { startServer } from "./server.ts"

it("the leads of a campaign that is not there, or of another workspace, are answered with 404", async () => {
  const { call, createCampaign, keyOf } = await startServer()
  const id = await createCampaign()
  const path = `/v1/campaigns/${id}/leads`
  expect(await call("GET", path)).toMatchObject({ status: 200, body: { leads: [], next: null } })
  const notFound = { status: 404, body: { code: "campaign_not_found" } }
  expect(await call("GET", path, undefined, { key: await keyOf("ws_2") })).toMatchObject(notFound)
  expect(await call("GET", "/v1/campaigns/camp_none/leads")).toMatchObject(notFound)
  await call("POST", `${path}/bulk`, { leads: [{ email: "ava@acmecorp.com" }] })
  expect(await call("GET", path)).toMatchObject({ status: 200, body: { leads: [{}] } })
  expect(await call("GET", path, undefined, { key: await keyOf("ws_2") })).toMatchObject(notFound)
})

it("suppressing and checking take no addresses too, as the document says, and erasing takes one at least", async () => {
  const { call } = await startServer()
  const none = { emails: [] }
  const added = { result: { suppressed: 0, alreadySuppressed: 0, total: 0 } }
  expect(await call("POST", "/v1/suppression-list", none)).toMatchObject({ status: 200, body: added })
  const checked = await call("POST", "/v1/suppression-list/check", none)
  expect(checked).toMatchObject({ status: 200, body: { results: [] } })
  expect(await call("POST", "/v1/leads/erase", none)).toMatchObject({ status: 400 })
  const { paths } = OpenApi.fromApi(Api)
  for (const [path, words] of [
    ["/v1/suppression-list", "Up to 1,000 addresses"],
    ["/v1/suppression-list/check", "Up to 1,000 addresses"],
    ["/v1/leads/erase", "1 to 1,000 addresses"]
  ] as const)
    expect(JSON.stringify(paths[path]?.post?.requestBody)).toContain(words)
})
