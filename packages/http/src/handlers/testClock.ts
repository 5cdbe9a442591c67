import * as Effect from "effect/Effect"
import { HttpApiBuilder } from "effect/http-api"
import { attempt } from "../attempt.ts"
import { Api } from "../contract/Api.ts"
import { Caller } from "../contract/Authentication.ts"
import { Server } from "./Server.ts"

export const testClock = HttpApiBuilder.group(
  Api,
  "testClock",
  Effect.fnUntraced(function* (handlers) {
    const {
      engine: { testClock }
    } = yield* Server

    return handlers.handleAll({
      get: Effect.fnUntraced(function* () {
        const { workspaceId } = yield* Caller
        return yield* attempt((signal) => testClock.get({ workspaceId }, { signal }), "NotATestWorkspace")
      }),
      advance: Effect.fnUntraced(function* ({ payload: { advanceTo } }) {
        const { workspaceId } = yield* Caller
        return yield* attempt(
          (signal) => testClock.advance({ workspaceId, to: advanceTo }, { signal }),
          "NotATestWorkspace",
          "TestClockIsLater"
        )
      })
    })
  })
)
