/** A server that is killed in the middle of a keyed batch, and asked again: the batch has landed once. */
import { once } from "node:events"
import fc from "fast-check"
import { expect, it } from "vitest"
import { serving } from "./process.ts"
import { runOn, scene } from "./terminal.ts"

const kills = process.env["NIGHTLY"] === undefined ? 3 : 25
const rows = 2_000
const leads = Array.from({ length: rows }, (_, row) => ({ email: `lead${row}@acme.com`, plan: `p${row}` }))

it("UP-10: a server killed in the middle of a keyed batch gives the first answer, or does the work once", async () => {
  const { folder } = scene()
  const key = (await runOn(folder)(["keys", "create"])).out.trim()
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" }
  const post = async (url: string, path: string, body: unknown, more = {}) => {
    const request = { method: "POST", headers: { ...headers, ...more }, body: JSON.stringify(body) }
    const response = await fetch(url + path, request)
    return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) }
  }
  const seed = fc.readConfigureGlobal().seed ?? 0
  const delays = fc.sample(fc.integer({ min: 0, max: 150 }), { seed, numRuns: kills })
  let replays = 0
  for (const [round, delay] of delays.entries()) {
    const first = await serving(folder)
    const { body } = await post(first.url, "/v1/campaigns", { name: `round ${round}` })
    const path = `/v1/campaigns/${body.campaign.id}/leads/bulk`
    const keyed = { "idempotency-key": `batch-${round}` }
    const answered = post(first.url, path, { leads }, keyed).catch(() => undefined)
    setTimeout(() => first.child.kill("SIGKILL"), delay)
    await once(first.child, "exit")
    await answered

    const second = await serving(folder)
    const again = await post(second.url, path, { leads }, keyed)
    expect(again.status).toBe(200)
    expect(again.body.result).toEqual({
      enrolled: rows,
      updated: 0,
      skipped: 0,
      failed: 0,
      totalInCampaign: rows
    })
    if (again.headers.get("idempotent-replayed") === "true") replays++
    second.child.kill("SIGKILL")
    await once(second.child, "exit")
  }
  console.log(`killed ${kills} times, ${replays} batches had landed`)
}, 120_000)
