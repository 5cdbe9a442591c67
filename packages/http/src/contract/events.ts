/** The events of a workspace, by cursor. */
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
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
    }).annotate(OpenApi.Summary, "Read events in the order in which they were written"),
    HttpApiEndpoint.get("stream", "/stream", {
      query: { after: pageQuery.after },
      headers: { "last-event-id": Schema.optionalKey(Schema.String) },
      success: HttpApiSchema.StreamSse({ data: Event }),
      error: CursorUnknown
    }).annotate(OpenApi.Summary, "Follow events as server-sent events; go on with `Last-Event-ID`")
  )
  .prefix("/v1/events")
  .annotate(OpenApi.Description, "What happened in the workspace, in the order in which it was written.") {}
