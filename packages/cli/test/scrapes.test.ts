/** The page for Prometheus holds numbers alone, however soon it is read again. */
import { expect, it } from "vitest"
import { makeMetrics } from "../src/serve/metrics.ts"

it("a page of metrics that is read again at once has no figure of an event loop that nothing was measured of", async () => {
  const { page } = makeMetrics()
  await page()
  const text = await (await page()).text()
  const figures = text.split("\n").filter((line) => /^nodejs_eventloop_lag_\w*seconds /.test(line))
  expect(figures.length).toBeGreaterThan(0)
  for (const line of figures) expect(line).toMatch(/ \d{1,6}(?:\.\d+)?(?:e-\d+)?$/)
})
