/**
 * Sends a span of each call to a collector by OTLP over HTTP. A span holds the facts of the log: no
 * address, no key and no value of a call.
 */
import type { Answered } from "@leadterra/http"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { FetchHttpClient, Headers, HttpTraceContext } from "effect/http"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Option from "effect/Option"
import { OtlpSerialization, OtlpTracer } from "effect/observability"
import { UsageError } from "../failure.ts"
import { version } from "../version.ts"

/** The variables, without those that are empty, which count as unset. */
export type Variables = Readonly<Record<string, string>>

export interface Tracing {
  /** Sends a span of a call later, with others. */
  readonly answered: (answered: Answered) => void
  /** Sends the spans that were not sent yet, for three seconds at most. */
  readonly close: () => Promise<void>
}

/** Milliseconds that a collector has for its answer. */
const sendMillis = 10_000

/** Requests to the collector that are under way at once. Spans are dropped while it takes no more. */
const maxRequests = 4

/** A `fetch` whose requests end, and are few at once. */
const boundedFetch = (): typeof fetch => {
  let underWay = 0
  return async (input, init) => {
    if (underWay >= maxRequests) throw new Error("the collector is slow")
    underWay++
    try {
      const late = AbortSignal.timeout(sendMillis)
      const signal = init?.signal ? AbortSignal.any([init.signal, late]) : late
      return await fetch(input, { ...init, signal })
    } finally {
      underWay--
    }
  }
}

const nanos = (millis: number): bigint => BigInt(Math.round(millis * 1_000)) * 1_000n

const attributesOf = ({ method, requestId, route, status, workspaceId }: Answered) => ({
  "http.request.method": method,
  "http.response.status_code": status,
  "leadterra.request.id": requestId,
  ...(route === null ? {} : { "http.route": route }),
  ...(workspaceId === null ? {} : { "leadterra.workspace.id": workspaceId }),
  ...(status >= 500 ? { "error.type": String(status) } : {})
})

/** How a call has ended: 4xx is the fault of its caller. */
const exitOf = ({ status }: Answered): Exit.Exit<void, Error> =>
  status >= 500 ? Exit.fail(new Error(`the answer has the status ${status}`)) : Exit.void

/** Opens the connection lazily: a collector that is not there delays nothing. Rejects with `UsageError`. */
export const sendSpans = async (
  variables: Variables,
  { isJson }: { readonly isJson: boolean }
): Promise<Tracing> => {
  const serialization = isJson ? OtlpSerialization.layerJson : OtlpSerialization.layerProtobuf
  const runtime = ManagedRuntime.make(
    OtlpTracer.layerFromConfig({ resource: { serviceVersion: version } }).pipe(
      Layer.provide(serialization),
      Layer.provide(FetchHttpClient.layer),
      Layer.provide(Layer.succeed(FetchHttpClient.Fetch, boundedFetch())),
      Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env: variables })))
    )
  )
  const tracer = await runtime.runPromise(Effect.tracer).catch(async () => {
    await runtime.dispose()
    throw new UsageError("The variables OTEL_* cannot be read: check their values, or leave them out")
  })
  return {
    answered: (answered) => {
      const { method, milliseconds, route, traceparent } = answered
      const end = Date.now()
      const parent =
        traceparent === null ? Option.none() : HttpTraceContext.w3c(Headers.fromInput({ traceparent }))
      const span = tracer.span({
        name: route === null ? method : `${method} ${route}`,
        parent,
        annotations: Context.empty(),
        links: [],
        startTime: nanos(end - milliseconds),
        kind: "server",
        root: false,
        sampled: Option.match(parent, { onNone: () => true, onSome: ({ sampled }) => sampled })
      })
      for (const [name, value] of Object.entries(attributesOf(answered))) span.attribute(name, value)
      span.end(nanos(end), exitOf(answered))
    },
    close: () => runtime.dispose()
  }
}
