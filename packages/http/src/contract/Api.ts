/** The HTTP contract as a value: paths, bodies, answers and errors, from which the handlers, the OpenAPI document and clients are made. */
import { HttpApi, OpenApi } from "effect/http-api"
import { Authentication } from "./Authentication.ts"
import { Bodies } from "./Bodies.ts"
import { Concurrency } from "./Concurrency.ts"
import { Conditions } from "./Conditions.ts"
import { Campaigns } from "./campaigns.ts"
import { Delivery } from "./delivery.ts"
import { Events } from "./events.ts"
import { Failures } from "./Failures.ts"
import { Imports } from "./imports.ts"
import { Leads } from "./leads.ts"
import { Rate } from "./Rate.ts"
import { Suppression } from "./suppression.ts"
import { TestClock } from "./testClock.ts"
import { Webhooks } from "./webhooks.ts"
import { withExamples } from "./withExamples.ts"
import { withWebhooks } from "./withWebhooks.ts"

export class Api extends HttpApi.make("leadterra")
  .add(Campaigns, Leads, Imports, Suppression, Delivery, Events, TestClock, Webhooks)
  .middleware(Concurrency)
  .middleware(Bodies)
  .middleware(Conditions)
  .middleware(Rate)
  .middleware(Authentication)
  .middleware(Failures)
  // A misspelled member would otherwise be dropped in silence, and all that is wrong is told at once.
  .annotate(HttpApi.ParseOptions, { onExcessProperty: "error", errors: "all" })
  .annotate(HttpApi.HeadersParseOptions, {})
  .annotate(HttpApi.SuccessParseOptions, {})
  .annotateMerge(
    OpenApi.annotations({
      title: "Leadterra",
      version: "1",
      description: "Enrol leads into campaigns, and send them their steps.",
      license: { name: "MIT", url: "https://spdx.org/licenses/MIT.html" },
      servers: [{ url: "/" }],
      transform: (document) => withWebhooks(withExamples(document))
    })
  ) {}
