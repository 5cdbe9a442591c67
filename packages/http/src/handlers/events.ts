import * as Effect from "effect/Effect"
import { HttpApiBuilder } from "effect/http-api"
import { attempt } from "../attempt.ts"
import { Api } from "../contract/Api.ts"
import { Caller } from "../contract/Authentication.ts"
import { nextOf, pageOf, Server } from "./Server.ts"

export const events = HttpApiBuilder.group(
  Api,
  "events",
  Effect.fnUntraced(function* (handlers) {
    const {
      engine: { events }
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
      })
    })
  })
)
