/**
 * Gives each call its slot once its body is there, and begins none for a workspace that leaves its
 * answers unread. Whoever makes the answer ends the slot.
 */
import * as Effect from "effect/Effect"
import { HttpServerRequest } from "effect/http"
import * as Layer from "effect/Layer"
import type { Calls } from "./authentication.ts"
import { streamedTypes } from "./bodies.ts"
import { Caller } from "./contract/Authentication.ts"
import { Concurrency } from "./contract/Concurrency.ts"
import { TooManyRequests } from "./contract/problems.ts"
import type { Slots } from "./Slots.ts"
import type { Unread } from "./Unread.ts"

const refuse = (detail: string) => new TooManyRequests({ detail })

export const concurrency = (slots: Slots, unread: Unread, calls: Calls): Layer.Layer<Concurrency> =>
  Layer.succeed(Concurrency, (handler, { endpoint }) =>
    Effect.gen(function* () {
      // An upload waits for its caller, and has bounds of its own.
      if (streamedTypes(endpoint) !== undefined) return yield* handler
      const { source } = yield* HttpServerRequest.HttpServerRequest
      const { workspaceId } = yield* Caller
      const slot = slots.enter(workspaceId)
      if (slot === undefined)
        return yield* refuse("Too many calls of the workspace wait: send fewer at the same time")
      const call = calls.get(source)
      if (call === undefined) slot.end()
      else call.endSlot = slot.end
      if (!(yield* Effect.promise(() => slot.begun)))
        return yield* refuse("Other calls of the workspace take long: send it again later")
      if (!unread.hasRoom(workspaceId))
        return yield* refuse("The workspace has answers that were not read: read them, then send it again")
      return yield* handler
    })
  )
