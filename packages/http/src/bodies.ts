/** Reads the bodies of calls within their bounds. */
import * as Effect from "effect/Effect"
import { HttpServerRequest } from "effect/http"
import * as Layer from "effect/Layer"
import { Caller } from "./contract/Authentication.ts"
import { Bodies } from "./contract/Bodies.ts"
import {
  InvalidRequest,
  listed,
  TooLarge,
  TooManyRequests,
  UnsupportedMediaType
} from "./contract/problems.ts"
import { Room } from "./Room.ts"
import { announcedBytes, readBody } from "./readBody.ts"

/** Bytes of one body, and of all bodies in memory at once. */
export interface BodyLimits {
  readonly maxBodyBytes: number
  readonly maxBodyBytesAtOnce: number
}

export const defaultLimits: BodyLimits = { maxBodyBytes: 10_000_000, maxBodyBytesAtOnce: 64_000_000 }

const isJson = (request: Request): boolean =>
  /^application\/json *(?:; *charset="?utf-8"? *)?$/i.test(request.headers.get("content-type") ?? "")

const malformed = (detail: string) => new InvalidRequest({ detail, ...listed([]) })

const tooLarge = (limit: number) =>
  new TooLarge({
    detail: `A body has at most ${limit} bytes: split the list into several calls`,
    limit,
    unit: "bytes"
  })

/** The body as text. Its bytes count towards those of all bodies until the answer is made. */
const textOf = Effect.fnUntraced(function* (request: Request, room: Room, limit: number) {
  if (!isJson(request))
    return yield* new UnsupportedMediaType({ detail: "Send the body as application/json, in UTF-8" })
  const bytes = announcedBytes(request) ?? limit
  if (bytes > limit) return yield* tooLarge(limit)
  const { workspaceId } = yield* Caller
  yield* Effect.acquireRelease(
    Effect.suspend(() =>
      room.take(workspaceId, bytes)
        ? Effect.void
        : Effect.fail(new TooManyRequests({ detail: "Other large calls are under way: send it again later" }))
    ),
    () => Effect.sync(() => room.give(workspaceId, bytes))
  )
  const read = yield* Effect.tryPromise({
    try: () => readBody(request, limit),
    catch: () => malformed("The body ended early: send it again")
  })
  if (!("fault" in read)) return read.text
  return yield* read.fault === "TooLarge" ? tooLarge(limit) : malformed("The body must be UTF-8")
})

export const bodies = ({ maxBodyBytes, maxBodyBytesAtOnce }: BodyLimits): Layer.Layer<Bodies> => {
  const room = new Room(maxBodyBytesAtOnce)
  return Layer.succeed(Bodies, (handler, { endpoint }) =>
    Effect.gen(function* () {
      const { source } = yield* HttpServerRequest.HttpServerRequest
      if (endpoint.payload.size === 0 || !(source instanceof Request)) return yield* handler
      const body = yield* textOf(source, room, maxBodyBytes)
      const { headers, method, url } = source
      const held = HttpServerRequest.fromWeb(new Request(url, { method, headers, body }))
      return yield* Effect.provideService(handler, HttpServerRequest.HttpServerRequest, held)
    }).pipe(Effect.scoped)
  )
}
