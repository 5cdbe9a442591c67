/** The events of a workspace, by cursor. */
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import * as Schema from "effect/Schema"
import { Event, pageQuery } from "./nouns.ts"
import { CursorUnknown } from "./problems.ts"

export class Events extends HttpApiGroup.make("events")
  .add(
    HttpApiEndpoint.get("read", "/", {
      query: pageQuery,
      success: Schema.Struct({
        events: Schema.Array(Event),
        /** Goes into `after` of the next call, on the last page too; null before the first event. */
        next: Schema.NullOr(Schema.String),
        /** Whether there are more events by now. */
        more: Schema.Boolean
      }),
      error: CursorUnknown
    }).annotate(OpenApi.Summary, "Read events in the order in which they were written")
  )
  .prefix("/v1/events") {}
