/** `serve` sends webhooks over https to a receiver of its own, and nowhere else. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { Webhook as StandardWebhook } from "standardwebhooks"
import { expect, it, onTestFinished } from "vitest"
import { startReceiver } from "../../../test/receiver.ts"
import { serving } from "./process.ts"
import { runOn, scene } from "./terminal.ts"

const steps = [{ subject: "Hi {{firstName}}", bodyHtml: "<p>Hi</p>" }]

const callsOf = (url: string, key: string) => async (path: string, body?: unknown) => {
  const response = await fetch(`${url}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) })
  })
  return JSON.parse(await response.text())
}

it("sends what happens to the receivers that are allowed, counts it, and logs no url and no secret", async () => {
  const receiver = await startReceiver()
  onTestFinished(receiver.close)
  const { folder } = scene()
  const key = (await runOn(folder)(["keys", "create"])).out.trim()
  const trusted = join(folder, "ca.pem")
  writeFileSync(trusted, receiver.ca)
  const argv = ["--webhook-allow", "127.0.0.1", "--metrics"]
  const { child, ended, url } = await serving(folder, argv, { NODE_EXTRA_CA_CERTS: trusted })
  const attempted = new Promise<void>((resolve) => {
    let log = ""
    child.stderr.on("data", (text: string) => {
      log += text
      if (log.split('"event":"webhook"').length > 2) resolve()
    })
  })
  const call = callsOf(url, key)
  const { webhook } = await call("/v1/webhooks", {
    url: `https://127.0.0.1:${receiver.port}/hook-of-acme`,
    events: ["campaign.started", "message.sent"]
  })
  const refused = await call("/v1/webhooks", { url: "https://127.0.0.2/", events: ["message.sent"] })
  expect(refused).toMatchObject({ status: 400 })
  const { campaign } = await call("/v1/campaigns", { name: "Spring", sequenceSteps: steps })
  await call(`/v1/campaigns/${campaign.id}/leads/bulk`, { leads: [{ email: "ava@acmecorp.com" }] })
  await call(`/v1/campaigns/${campaign.id}/start`, {})
  const { messages } = await call("/v1/delivery/claim", {})
  const [{ messageId }] = messages
  await call("/v1/delivery/reports", { reports: [{ messageId, type: "sent" }] })
  await receiver.reached(2)
  const verified = receiver.received.map(({ body, headers }) =>
    new StandardWebhook(webhook.secret).verify(
      body,
      Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
    )
  )
  expect(verified).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ event: "campaign.started" }),
      expect.objectContaining({
        event: "message.sent",
        data: expect.objectContaining({ messageId, sequenceStep: 0 })
      })
    ])
  )
  await attempted
  const metrics = await (await fetch(`${url}/metrics`)).text()
  expect(metrics).toContain('leadterra_webhook_attempts_total{outcome="delivered"} 2')
  expect(metrics).not.toMatch(/wh_|acme|default/)
  child.kill("SIGTERM")
  const { err, exitCode } = await ended
  expect(exitCode).toBe(0)
  const lines = err
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line))
  expect(lines.filter(({ event }) => event === "webhook")).toMatchObject([
    { webhook: webhook.id, attempt: 1, status: 204, workspace: "default" },
    { webhook: webhook.id, attempt: 1, status: 204, workspace: "default" }
  ])
  expect(err).not.toMatch(/hook-of-acme|whsec_|127\.0\.0\.1|ava|acme/)
})

it("refuses a malformed exception", async () => {
  const { command } = scene()
  const { err, exitCode } = await command(["serve", "--port", "0", "--webhook-allow", "everywhere"])
  expect(exitCode).toBe(2)
  expect(err).toContain("--webhook-allow: an exception for webhooks must be an address")
})
