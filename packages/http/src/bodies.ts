/** Reads the bodies of calls within their bounds. */
import * as Effect from "effect/Effect"
import { HttpServerRequest } from "effect/http"
import type { HttpApiEndpoint } from "effect/http-api"
import * as Layer from "effect/Layer"
import { Caller } from "./contract/Authentication.ts"
import { Bodies } from "./contract/Bodies.ts"
import {
  InvalidRequest,
  listed,
  RequestTimeout,
  TooLarge,
  TooManyRequests,
  UnsupportedMediaType
} from "./contract/problems.ts"
import { maxContainers, maxDepth, maxMembers, type ShapeFault, shapeFault } from "./jsonShape.ts"
import { type BodyLimits, bodyMillis } from "./limits.ts"
import { Room } from "./Room.ts"
import { announcedBytes, type BodyFault, readBody } from "./readBody.ts"

const isJson = ({ headers }: Request): boolean =>
  /^application\/json *(?:; *charset="?utf-8"? *)?$/i.test(headers.get("content-type") ?? "")

const isEncoded = ({ headers }: Request): boolean =>
  !/^(?:identity)?$/i.test((headers.get("content-encoding") ?? "").trim())

/** The text of bytes in UTF-8, or undefined for other bytes. */
const textIn = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

const malformed = (detail: string) => new InvalidRequest({ detail, ...listed([]) })

const unsupported = (detail: string) => new UnsupportedMediaType({ detail })

const refusals = {
  TooLarge: (limit: number) =>
    new TooLarge({
      detail: `A body has at most ${limit} bytes: split the list into several calls`,
      limit,
      unit: "bytes"
    }),
  NoRoom: (_: number) =>
    new TooManyRequests({ detail: "Other large calls are under way: send it again later" }),
  TooSlow: (_: number) =>
    new RequestTimeout({ detail: `A body has ${bodyMillis / 1_000} seconds: send it again, faster` }),
  TooManyMembers: (_: number) =>
    malformed(`A body has at most ${maxMembers} members: leave out unknown ones`),
  TooDeep: (_: number) =>
    malformed(`Objects and lists of a body are at most ${maxDepth} levels deep: send it flat`),
  TooManyContainers: (_: number) =>
    new TooLarge({
      detail: `A body has at most ${maxContainers} objects and lists: split the list into several calls`,
      limit: maxContainers,
      unit: "entries"
    })
} satisfies Record<BodyFault | ShapeFault, unknown>

/** The text of a body. Its bytes count towards those of all bodies until the answer is made. */
const textOf = Effect.fnUntraced(function* (request: Request, room: Room, limit: number) {
  if (!isJson(request)) return yield* unsupported("Send the body as application/json, in UTF-8")
  if (isEncoded(request)) return yield* unsupported("Send the body as it is, without a Content-Encoding")
  if ((announcedBytes(request) ?? 0) > limit) return yield* refusals.TooLarge(limit)
  const { workspaceId } = yield* Caller
  let held = 0
  yield* Effect.addFinalizer(() => Effect.sync(() => room.give(workspaceId, held)))
  const take = (bytes: number): boolean => {
    const taken = room.take(workspaceId, bytes, held)
    if (taken) held += bytes
    return taken
  }
  const read = yield* Effect.tryPromise({
    try: () => readBody(request, { limit, take, millis: bodyMillis }),
    catch: () => malformed("The body ended early: send it again")
  })
  if ("fault" in read) return yield* refusals[read.fault](limit)
  const fault = shapeFault(read)
  if (fault !== undefined) return yield* refusals[fault](limit)
  return textIn(read) ?? (yield* malformed("The body must be UTF-8"))
})

/** The same request, whose body was read. */
const withText = (
  request: HttpServerRequest.HttpServerRequest,
  text: string
): HttpServerRequest.HttpServerRequest => Object.create(request, { text: { value: Effect.succeed(text) } })

/** The media types of a body that is read as it comes; undefined for one that is read whole. */
export const streamedTypes = ({ payload }: HttpApiEndpoint.Top): ReadonlyArray<string> | undefined => {
  const isStreamed = Array.from(payload.values()).some(({ encoding }) => encoding._tag === "Stream")
  return isStreamed ? Array.from(payload.keys()) : undefined
}

/** Refuses a list that is of no type that is read, or in an encoding other than UTF-8 by its headers. */
const checkStreamed = Effect.fnUntraced(function* ({ headers }: Request, types: ReadonlyArray<string>) {
  const [type = "", ...parameters] = (headers.get("content-type") ?? "").toLowerCase().split(";")
  const isUtf8 = parameters.every((one) => !/^ *charset *=/.test(one) || /= *"?utf-8"? *$/.test(one))
  if (!types.includes(type.trim()) || !isUtf8)
    return yield* unsupported(`Send the body as ${types.join(" or ")}; name an encoding by ?encoding=`)
  if (!/^(?:identity|gzip)?$/i.test((headers.get("content-encoding") ?? "").trim()))
    return yield* unsupported("Send the body as it is, or with the Content-Encoding gzip")
})

/** A list that is too long for the bulk call has a call of its own. */
const advised = <E>(error: E): E | TooLarge =>
  error instanceof TooLarge
    ? new TooLarge({
        detail: `${error.detail}; or upload the list by POST /v1/campaigns/{id}/imports`,
        limit: error.limit,
        unit: error.unit
      })
    : error

export const bodies = (
  { maxBodyBytes, maxBodyBytesAtOnce }: BodyLimits,
  { takesImports }: { readonly takesImports: boolean }
): Layer.Layer<Bodies> => {
  const room = new Room(maxBodyBytesAtOnce)
  return Layer.succeed(Bodies, (handler, { endpoint }) => {
    const answer = Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest
      const { source } = request
      if (endpoint.payload.size === 0 || !(source instanceof Request)) return yield* handler
      const types = streamedTypes(endpoint)
      if (types !== undefined) {
        yield* checkStreamed(source, types)
        return yield* handler
      }
      const text = yield* textOf(source, room, maxBodyBytes)
      return yield* Effect.provideService(
        handler,
        HttpServerRequest.HttpServerRequest,
        withText(request, text)
      )
    }).pipe(Effect.scoped)
    const isBulk = endpoint.path.endsWith("/leads/bulk")
    return takesImports && isBulk ? Effect.mapError(answer, advised) : answer
  })
}
