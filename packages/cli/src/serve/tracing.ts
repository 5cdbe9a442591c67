/**
 * Traces by the usual variables of OpenTelemetry. The code that sends them is loaded when the
 * variables ask for it, so that a start without them waits for nothing.
 */
import { UsageError } from "../failure.ts"
import type { Tracing, Variables } from "./sendSpans.ts"

const protocols = ["http/protobuf", "http/json"]

/** Returns the variables when they ask for traces. Throws `UsageError` for those that cannot be met. */
export const tracingVariables = (env: NodeJS.ProcessEnv): Variables | undefined => {
  const given: Record<string, string> = {}
  for (const [name, value = ""] of Object.entries(env)) {
    if (name.startsWith("OTEL_") && value.trim() !== "") given[name] = value.trim()
  }
  if (given["OTEL_SDK_DISABLED"]?.toLowerCase() === "true") return undefined
  const exporter = given["OTEL_TRACES_EXPORTER"]
  const endpoint = given["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] ?? given["OTEL_EXPORTER_OTLP_ENDPOINT"]
  const isAsked = exporter === undefined ? endpoint !== undefined : /(?:^|,)\s*otlp\s*(?:,|$)/i.test(exporter)
  if (!isAsked) return undefined
  if (endpoint !== undefined && !/^https?:$/.test(URL.parse(endpoint)?.protocol ?? ""))
    throw new UsageError("OTEL_EXPORTER_OTLP_ENDPOINT is no URL of http or https: name one, or leave it out")
  if (!protocols.includes(protocolOf(given)))
    throw new UsageError(
      `OTEL_EXPORTER_OTLP_PROTOCOL takes ${protocols.join(" or ")}: name one, or leave it out`
    )
  const named = given["OTEL_RESOURCE_ATTRIBUTES"]?.includes("service.name=")
    ? {}
    : { OTEL_SERVICE_NAME: "leadterra" }
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4318",
    ...named,
    ...given,
    OTEL_TRACES_EXPORTER: "otlp"
  }
}

const protocolOf = (variables: Variables): string =>
  variables["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"] ??
  variables["OTEL_EXPORTER_OTLP_PROTOCOL"] ??
  "http/protobuf"

/** Returns undefined when the variables ask for no traces. */
export const openTracing = async (env: NodeJS.ProcessEnv): Promise<Tracing | undefined> => {
  const variables = tracingVariables(env)
  if (variables === undefined) return undefined
  const { sendSpans } = await import("./sendSpans.ts")
  return sendSpans(variables, { isJson: protocolOf(variables) === "http/json" })
}
