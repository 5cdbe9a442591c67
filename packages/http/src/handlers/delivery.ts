import * as Effect from "effect/Effect"
import { HttpApiBuilder } from "effect/http-api"
import { attempt } from "../attempt.ts"
import { Api } from "../contract/Api.ts"
import { Caller } from "../contract/Authentication.ts"
import { Server } from "./Server.ts"

export const delivery = HttpApiBuilder.group(
  Api,
  "delivery",
  Effect.fnUntraced(function* (handlers) {
    const {
      engine: { delivery },
      links
    } = yield* Server

    return handlers.handleAll({
      claim: Effect.fnUntraced(function* ({ payload }) {
        const { workspaceId } = yield* Caller
        const messages = yield* attempt((signal) => delivery.claim({ workspaceId, ...payload }, { signal }))
        if (links === undefined || messages.length === 0) return { messages }
        const made = yield* attempt(() => links.linksOf(messages.map(({ messageId }) => messageId)))
        return { messages: messages.map((message, index) => ({ ...message, unsubscribe: made[index] })) }
      }),
      record: Effect.fnUntraced(function* ({ payload }) {
        const { workspaceId } = yield* Caller
        return yield* attempt((signal) => delivery.record({ workspaceId, ...payload }, { signal }))
      }),
      release: Effect.fnUntraced(function* ({ payload }) {
        const { workspaceId } = yield* Caller
        return yield* attempt((signal) => delivery.release({ workspaceId, ...payload }, { signal }))
      }),
      extend: Effect.fnUntraced(function* ({ payload }) {
        const { workspaceId } = yield* Caller
        return yield* attempt((signal) => delivery.extend({ workspaceId, ...payload }, { signal }))
      })
    })
  })
)
