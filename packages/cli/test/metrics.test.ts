/** Metrics count attempts of webhooks by their outcome, and by nothing that names a tenant. */
import { expect, it } from "vitest"
import { makeMetrics } from "../src/serve/metrics.ts"

it("counts attempts of webhooks by outcome, from 0", async () => {
  const metrics = makeMetrics()
  for (const status of [200, 204, 299, 199, 301, 410, 503])
    metrics.attempted({ outcome: { kind: "answered", status } })
  metrics.attempted({ outcome: { kind: "timed_out" } })
  metrics.attempted({ outcome: { kind: "address_refused" } })
  const page = await (await metrics.page()).text()
  const lines = page.split("\n").filter((line) => line.startsWith("leadterra_webhook_attempts_total"))
  expect(lines).toEqual([
    'leadterra_webhook_attempts_total{outcome="delivered"} 3',
    'leadterra_webhook_attempts_total{outcome="rejected"} 4',
    'leadterra_webhook_attempts_total{outcome="timed_out"} 1',
    'leadterra_webhook_attempts_total{outcome="address_refused"} 1',
    'leadterra_webhook_attempts_total{outcome="not_resolved"} 0',
    'leadterra_webhook_attempts_total{outcome="connection_failed"} 0',
    'leadterra_webhook_attempts_total{outcome="lost"} 0'
  ])
})
