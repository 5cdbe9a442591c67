/** Finds the workspace of a call by its API key. */
import * as Effect from "effect/Effect"
import { HttpServerRequest } from "effect/http"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { Unforeseen } from "./attempt.ts"
import { Authentication, Caller } from "./contract/Authentication.ts"
import { AuthenticationFailed, Unavailable } from "./contract/problems.ts"
import { findKey, type KeySummary } from "./keys/apiKeys.ts"
import type { JudgedCall } from "./rate/judgeCall.ts"
import { type ServerStore, ServerStoreError } from "./ServerStore.ts"

/** A call under way. */
export interface Call {
  readonly requestId: string
  /** Null until its key is found. */
  workspaceId: string | null
  /** How its rate was judged; null before that. */
  rate: JudgedCall | null
  /** Ends its slot, if it has one. */
  endSlot: () => void
}

/** The calls under way, by their requests. */
export type Calls = WeakMap<object, Call>

export const authentication = (store: ServerStore, calls: Calls): Layer.Layer<Authentication> =>
  Layer.succeed(Authentication, {
    apiKey: (handler, { credential }) =>
      Effect.gen(function* () {
        const { source } = yield* HttpServerRequest.HttpServerRequest
        const text = Redacted.value(credential)
        const key = yield* keyFor(store, text)
        if (key === undefined)
          return yield* new AuthenticationFailed({
            detail: "Send `Authorization: Bearer` with a valid API key"
          })
        const { workspaceId } = key
        const call = calls.get(source)
        if (call !== undefined) call.workspaceId = workspaceId
        const isValid = async () => (await findKey(store, text)) !== undefined
        return yield* Effect.provideService(handler, Caller, { workspaceId, isValid })
      })
  })

/** Looks a key up. A store that is busy or away is `Unavailable`. */
const keyFor = (store: ServerStore, text: string): Effect.Effect<KeySummary | undefined, Unavailable> =>
  Effect.catch(Effect.tryPromise({ try: () => findKey(store, text), catch: (error) => error }), (error) =>
    error instanceof ServerStoreError && error.isRetryable
      ? Effect.fail(new Unavailable({ detail: "The store is busy or away: send the call again" }))
      : Effect.die(new Unforeseen(error))
  )
