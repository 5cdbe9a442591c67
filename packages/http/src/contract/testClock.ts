/** The clock of a test workspace (TC): get, advance. A live workspace has none, and its keys get 404. */
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import * as Schema from "effect/Schema"
import { Time } from "./nouns.ts"
import { PathNotFound, TestClockIsLater } from "./problems.ts"

/** The time of the clock, which stands still until the next advance. */
const TestClockAnswer = Schema.Struct({ now: Time }).annotate({ identifier: "TestClock" })

export class TestClock extends HttpApiGroup.make("testClock")
  .add(
    HttpApiEndpoint.get("get", "/", {
      success: TestClockAnswer,
      error: PathNotFound
    }).annotate(OpenApi.Summary, "Get the time of the test clock"),
    HttpApiEndpoint.post("advance", "/", {
      payload: Schema.Struct({ advanceTo: Schema.String.annotate({ format: "date-time" }) }),
      success: TestClockAnswer,
      error: [PathNotFound, TestClockIsLater]
    }).annotate(OpenApi.Summary, "Set the test clock to a later time")
  )
  .prefix("/v1/test-clock")
  .annotate(OpenApi.Description, "The clock of a test workspace. A live workspace has none.") {}
