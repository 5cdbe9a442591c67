/**
 * The contract as one web handler, `Request` to `Response`, on an open engine. Every answer has a
 * request id; every failure, those of paths and bodies too, is a problem (RFC 9457).
 */
import type { Engine } from "@leadterra/core/promise"
import * as Effect from "effect/Effect"
import { HttpRouter, HttpServer, HttpServerRespondable, HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import * as Layer from "effect/Layer"
import { answerHeaders } from "./answerHeaders.ts"
import { authentication, type Call, type Calls } from "./authentication.ts"
import { bodies } from "./bodies.ts"
import { makeBounds } from "./bounds.ts"
import { concurrency } from "./concurrency.ts"
import { conditions } from "./conditions.ts"
import { Api } from "./contract/Api.ts"
import * as Problems from "./contract/problems.ts"
import { makeCursors } from "./cursors.ts"
import { makeDocuments } from "./documents/documents.ts"
import type { ReferenceScript } from "./documents/reference.ts"
import { failures } from "./failures.ts"
import { campaigns } from "./handlers/campaigns.ts"
import { delivery } from "./handlers/delivery.ts"
import { events } from "./handlers/events.ts"
import { imports } from "./handlers/imports.ts"
import { leads } from "./handlers/leads.ts"
import { Server } from "./handlers/Server.ts"
import { suppression } from "./handlers/suppression.ts"
import { testClock } from "./handlers/testClock.ts"
import { webhooks } from "./handlers/webhooks.ts"
import { heldBody } from "./heldAnswer.ts"
import { Imports } from "./imports/Imports.ts"
import type { Spool } from "./imports/Spool.ts"
import { rate } from "./rate.ts"
import { methodsAt, patternOf } from "./routes.ts"
import type { ErasedPeople, ServerStore } from "./ServerStore.ts"
import { unsubscribeSecret, validSecrets } from "./secrets/unsubscribeSecrets.ts"
import { sweepErased } from "./sweepErased.ts"
import { answerLink, baseOf, isLinkPath, linkPattern, makeLinks } from "./unsubscribe.ts"
import { urlPolicy } from "./webhooks/UrlPolicy.ts"

/** The facts of a call that a host may log. They hold no address, no key and no value of the call. */
export interface Answered {
  readonly requestId: string
  readonly method: string
  /** The pattern of the path, such as `/v1/campaigns/:id`; null when nothing is there. */
  readonly route: string | null
  readonly status: number
  readonly milliseconds: number
  /** Null for a call without a valid key. */
  readonly workspaceId: string | null
  /** The trace that the call came with (W3C Trace Context, version 00); null for none and for other text. */
  readonly traceparent: string | null
}

export interface HandlersOptions {
  readonly engine: Engine
  readonly store: ServerStore
  /** Bytes of a body, at most; by default 10,000,000. */
  readonly maxBodyBytes?: number | undefined
  /** Bytes of bodies in memory at once; by default 64,000,000, a quarter of them for one workspace. */
  readonly maxBodyBytesAtOnce?: number | undefined
  /** Calls of one workspace a second, on average; by default 1,000. It may make those of 10 seconds at once. */
  readonly maxCallsPerSecond?: number | undefined
  /**
   * Calls of one workspace that are under way at once; by default 4. Up to 100 more wait for them, for
   * 10 seconds at most.
   */
  readonly maxCallsAtOnce?: number | undefined
  /**
   * Bytes of answers that were made and not read yet; by default 128,000,000, a quarter of them for
   * one workspace. An answer above 65,536 bytes counts until it was read, and is cut off after a minute.
   */
  readonly maxUnreadBytes?: number | undefined
  /** Streams of events that are open at once; by default 100, a quarter of them for one workspace. */
  readonly maxStreams?: number | undefined
  /**
   * The server's address for everybody, such as `https://mail.example.com`: claims then hand out
   * unsubscribe links under it (RFC 8058), which this handler answers.
   */
  readonly publicUrl?: string | undefined
  /**
   * Loads the script of the page at `/reference`: `scalar` of `@leadterra/http/reference` on Node. There
   * is no page without it.
   */
  readonly reference?: ReferenceScript | undefined
  /**
   * Keeps the lists of imports: `openSpool` of `@leadterra/http/node`. The handler then runs the
   * imports of the spool until it is closed. Without one it takes no imports.
   */
  readonly spool?: Spool | undefined
  /**
   * Urls that webhooks may have beside https to public addresses, as the sender of the relay has them:
   * addresses and ranges (`10.0.0.0/8`), and origins (`http://127.0.0.1:9000`).
   */
  readonly webhookAllow?: ReadonlyArray<string> | undefined
  /** Told of each answer; status 499 is that of a caller who left. What it throws is lost. */
  readonly onAnswer?: ((answered: Answered) => void) | undefined
  /**
   * Told of an error that no problem stands for; the caller gets a 500 with the same request id. The
   * id is empty for an error of an import. What it throws is lost.
   */
  readonly onError?: ((error: unknown, requestId: string) => void) | undefined
}

export interface Handlers {
  readonly fetch: (request: Request) => Promise<Response>
  /** Ends the streams of events and the runs of imports; calls go on. A server that stops does so first. */
  readonly endStreams: () => void
  /**
   * Sweeps the server's own records of people whom the host has erased by `engine.leads.erase`. An
   * erasure over HTTP does so itself.
   */
  readonly sweepErased: (people: ErasedPeople) => Promise<void>
  /** Waits for the batches of imports that are under way, and frees what the handler holds. The engine and the store stay open. */
  readonly close: () => Promise<void>
}

/** Serves the contract on an engine. The host keeps the engine and the store, and closes them. */
export const handlers = ({
  engine,
  onAnswer,
  onError,
  spool,
  store,
  ...given
}: HandlersOptions): Handlers => {
  const { bodies: bodyLimits, rateLimit, slots, streams, unread } = makeBounds(given)
  const cursors = makeCursors(() => store.secret("cursors"))
  const ending = new AbortController()
  const unsubscribeSecrets = async () => validSecrets(await store.secrets.all(unsubscribeSecret), Date.now())
  const links =
    given.publicUrl === undefined ? undefined : makeLinks(baseOf(given.publicUrl), unsubscribeSecrets)
  const jobs = new Imports({
    ...{ engine, store, spool },
    report: (error) => unthrown(() => onError?.(error, ""))
  })
  const sweep = (people: ErasedPeople) => sweepErased({ store, imports: jobs }, people)
  const documents = makeDocuments(given.reference)
  const webhookUrls = urlPolicy(given.webhookAllow)
  const calls: Calls = new WeakMap()
  const report = (error: unknown, request: object): void => {
    if (request instanceof Request && hasLeft(request, error)) return
    unthrown(() => onError?.(error, calls.get(request)?.requestId ?? ""))
  }
  const app = HttpApiBuilder.layer(Api, { openapiPath }).pipe(
    Layer.provide([campaigns, leads, imports, suppression, delivery, events, testClock, webhooks]),
    Layer.provideMerge(
      Layer.succeed(Server, {
        ...{ engine, store, webhookUrls, cursors, imports: jobs, links, streams },
        sweepErased: sweep,
        ending: ending.signal
      })
    ),
    Layer.provide([
      authentication(store, calls),
      rate(rateLimit, calls),
      conditions,
      bodies(bodyLimits, { takesImports: spool !== undefined }),
      concurrency(slots, unread, calls),
      failures(report)
    ]),
    Layer.provide(HttpServer.layerServices)
  )
  // A name of any length is one that names nothing, and no fault of the router.
  const routerConfig = { maxParamLength: Number.MAX_SAFE_INTEGER }
  const web = HttpRouter.toWebHandler(app, { disableLogger: true, routerConfig })

  const documentAt = (path: string): string | null =>
    path === openapiPath ? openapiPath : documents.routeOf(path)

  const routeOf = (method: string, path: string): string | null =>
    links !== undefined && isLinkPath(path) ? linkPattern : (documentAt(path) ?? patternOf(method, path))

  const answer = async (request: Request): Promise<Response> => {
    const path = new URL(request.url).pathname
    if (links !== undefined && isLinkPath(path)) return answerLink(engine, unsubscribeSecrets, request)
    const document = documents.routeOf(path)
    const methods = path === openapiPath || document !== null ? ["GET", "HEAD"] : methodsAt(path)
    if (!methods.includes(request.method)) return refusal(methods)
    if (document !== null) return (await documents.answer(document, request)) ?? refusal([])
    if (!isDecodable(path)) return refusal([])
    const response = await web.handler(request)
    // Nobody reads the answer to a caller who has left.
    if (response.status < 400 || isProblem(response) || request.signal.aborted) return response
    throw new Error(`an answer of status ${response.status} was no problem`)
  }

  const answerAnyway = (request: Request): Promise<Response> =>
    answer(request).catch((error) => {
      if (hasLeft(request, error)) return new Response(null, { status: 499 })
      report(error, request)
      return respond(new Problems.Internal({ detail: "Name the request id to the operator" }))
    })

  return {
    fetch: async (request) => {
      const startedAt = performance.now()
      const call: Call = {
        requestId: `req_${crypto.randomUUID()}`,
        workspaceId: null,
        rate: null,
        endSlot: () => {}
      }
      calls.set(request, call)
      const answered = await answerAnyway(request)
      const body = await heldBody(answered, unread, call)
      unthrown(() =>
        onAnswer?.({
          requestId: call.requestId,
          method: request.method,
          route: routeOf(request.method, new URL(request.url).pathname),
          status: answered.status,
          milliseconds: performance.now() - startedAt,
          workspaceId: call.workspaceId,
          traceparent: traceparentOf(request)
        })
      )
      return new Response(body, {
        status: answered.status,
        headers: answerHeaders(answered, call, rateLimit)
      })
    },
    sweepErased: sweep,
    endStreams: () => {
      ending.abort()
      void jobs.stop()
    },
    close: async () => {
      ending.abort()
      await jobs.stop()
      await web.dispose()
    }
  }
}

const traceparent = /^00-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/

/** A header of any other form might hold anything. */
const traceparentOf = ({ headers }: Request): string | null => {
  const text = headers.get("traceparent")
  return text !== null && traceparent.test(text) ? text : null
}

const openapiPath = "/openapi.json"

/** Whether an error comes of the caller's leaving, so that nobody reads the answer. */
const hasLeft = ({ signal }: Request, error: unknown): boolean =>
  signal.aborted && (error === signal.reason || (error instanceof Error && error.name === "AbortError"))

/** Tells the host. By then the work is done: what the host throws changes no answer. */
const unthrown = (tell: () => void): void => {
  try {
    tell()
  } catch {}
}

/** Whether the escapes of a path are UTF-8: a path of other escapes names nothing. */
const isDecodable = (path: string): boolean => {
  try {
    // The result is used: a bundler takes a call without one for a call without an effect.
    return decodeURIComponent(path).length > 0
  } catch {
    return false
  }
}

const isProblem = (response: Response): boolean =>
  response.headers.get("content-type") === "application/problem+json"

const respond = (problem: HttpServerRespondable.Respondable): Promise<Response> =>
  Effect.runPromise(
    Effect.map(HttpServerRespondable.toResponse(problem), (response) => HttpServerResponse.toWeb(response))
  )

/** The answer for a path that takes other methods, or none. */
const refusal = async (methods: ReadonlyArray<string>): Promise<Response> => {
  if (methods.length === 0)
    return respond(new Problems.PathNotFound({ detail: "See /openapi.json for the paths" }))
  const response = await respond(
    new Problems.MethodNotAllowed({ detail: `The path takes ${methods.join(" and ")}` })
  )
  response.headers.set("allow", methods.join(", "))
  return response
}
