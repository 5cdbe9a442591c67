import * as Effect from "effect/Effect"
import { HttpApiBuilder } from "effect/http-api"
import { attempt } from "../attempt.ts"
import { Api } from "../contract/Api.ts"
import { Caller } from "../contract/Authentication.ts"
import { nextOf, pageOf, Server } from "./Server.ts"

export const suppression = HttpApiBuilder.group(
  Api,
  "suppression",
  Effect.fnUntraced(function* (handlers) {
    const {
      engine: { suppression }
    } = yield* Server

    return handlers.handleAll({
      add: Effect.fnUntraced(function* ({ payload }) {
        const { workspaceId } = yield* Caller
        const { invalid, ...result } = yield* attempt(
          (signal) => suppression.add({ workspaceId, ...payload }, { signal }),
          "InvalidSuppressionEntries"
        )
        return invalid === undefined ? { result } : { result, invalid }
      }),
      list: Effect.fnUntraced(function* ({ query }) {
        const { workspaceId } = yield* Caller
        const of = { workspaceId, list: "suppressions" }
        const page = yield* pageOf(of, query)
        const { items, next } = yield* attempt((signal) => suppression.list(page, { signal }))
        return { suppressions: items, next: yield* nextOf(of, next) }
      }),
      check: Effect.fnUntraced(function* ({ payload }) {
        const { workspaceId } = yield* Caller
        const results = yield* attempt(
          (signal) => suppression.check({ workspaceId, ...payload }, { signal }),
          "InvalidSuppressionEntries"
        )
        return { results }
      })
    })
  })
)
