/** Metrics of a server in the format of Prometheus. No label holds a value of a call or the name of a workspace. */
import { type Answered, type AttemptedWebhook, type AttemptOutcome, unansweredReasons } from "@leadterra/http"
import { Counter, collectDefaultMetrics, Histogram, Registry } from "prom-client"

export interface Metrics {
  readonly answered: (answered: Answered) => void
  /** Counts an attempt of a webhook by its outcome. */
  readonly attempted: (attempted: Pick<AttemptedWebhook, "outcome">) => void
  /** The page that Prometheus reads. */
  readonly page: () => Promise<Response>
}

/** In seconds. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/**
 * Figures of the delay of the event loop from before its first sample since the last page: no number,
 * or the largest one.
 */
const unmeasured = /^nodejs_eventloop_lag_\w+ (?:nan|9223372036\S*)\n/gim

/** `delivered` for a 2xx, `rejected` for another status, or the reason why there was no answer. */
const labelOf = (outcome: AttemptOutcome): string => {
  if (outcome.kind !== "answered") return outcome.kind
  return outcome.status >= 200 && outcome.status < 300 ? "delivered" : "rejected"
}

export const makeMetrics = (): Metrics => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const duration = new Histogram({
    name: "leadterra_http_request_duration_seconds",
    help: "Time from a call of the REST API to its answer",
    labelNames: ["method", "route", "status"],
    buckets,
    registers: [registry]
  })
  const attempts = new Counter({
    name: "leadterra_webhook_attempts_total",
    help: "Attempts of webhooks by their outcome",
    labelNames: ["outcome"],
    registers: [registry]
  })
  // A rate is known from the first attempt on when its counter has begun at 0.
  for (const outcome of ["delivered", "rejected", ...unansweredReasons]) attempts.inc({ outcome }, 0)
  return {
    attempted: ({ outcome }) => attempts.inc({ outcome: labelOf(outcome) }),
    answered: ({ method, milliseconds, route, status }) =>
      duration.observe({ method, route: route ?? "none", status: String(status) }, milliseconds / 1_000),
    page: async () =>
      new Response((await registry.metrics()).replace(unmeasured, ""), {
        headers: { "content-type": registry.contentType, "cache-control": "no-store" }
      })
  }
}
