import * as Effect from "effect/Effect"
import { HttpServerRequest, HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import * as Stream from "effect/Stream"
import { attempt } from "../attempt.ts"
import { Api } from "../contract/Api.ts"
import { Caller } from "../contract/Authentication.ts"
import { TooManyRequests } from "../contract/problems.ts"
import { eventStream } from "../eventStream.ts"
import { nextOf, pageOf, Server } from "./Server.ts"

export const events = HttpApiBuilder.group(
  Api,
  "events",
  Effect.fnUntraced(function* (handlers) {
    const {
      cursors,
      ending,
      engine: { events },
      streams
    } = yield* Server

    return handlers.handleAll({
      read: Effect.fnUntraced(function* ({ query }) {
        const { workspaceId } = yield* Caller
        const of = { workspaceId, list: "events" }
        const page = yield* pageOf(of, query)
        const { items, more, next } = yield* attempt(
          (signal) => events.read(page, { signal }),
          "CursorUnknown"
        )
        return { events: items, next: yield* nextOf(of, next), more }
      }),
      stream: Effect.fnUntraced(function* ({ headers, query }) {
        const { isValid, workspaceId } = yield* Caller
        const list = "events"
        const after = headers["last-event-id"] ?? query.after
        const page = yield* pageOf({ workspaceId, list }, after === undefined ? {} : { after })
        // A cursor whose event is gone is refused while there is a status to tell it by.
        yield* attempt((signal) => events.read({ ...page, limit: 1 }, { signal }), "CursorUnknown")
        if (!streams.take(workspaceId, 1))
          return yield* new TooManyRequests({ detail: "Too many streams are open" })
        const { source } = yield* HttpServerRequest.HttpServerRequest
        const left = source instanceof Request ? [source.signal] : []
        const signal = AbortSignal.any([ending, ...left])
        const bytes = eventStream(
          {
            read: (after, limit) => events.read({ workspaceId, after, limit }, { signal }),
            seal: (cursor) => cursors.seal(workspaceId, list, cursor),
            isValid,
            signal
          },
          page.after ?? null
        )
        const body = Stream.fromAsyncIterable(bytes, (error) => error)
        return HttpServerResponse.stream(
          Stream.ensuring(
            body,
            Effect.sync(() => streams.give(workspaceId, 1))
          ),
          { contentType: "text/event-stream" }
        )
      })
    })
  })
)
