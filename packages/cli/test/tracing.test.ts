/** Traces of `serve` by the variables of OpenTelemetry, sent to a collector of the test. */
import { once } from "node:events"
import { createServer, type IncomingMessage } from "node:http"
import { describe, expect, it, onTestFinished } from "vitest"
import { tracingVariables } from "../src/serve/tracing.ts"
import { serving, starting } from "./process.ts"
import { runOn, scene } from "./terminal.ts"

interface Sent {
  readonly path: string | undefined
  readonly headers: IncomingMessage["headers"]
  readonly body: string
}

/** A collector that keeps what it is sent, and answers when it is told to. */
const collecting = async ({ answers = true } = {}) => {
  const sent: Array<Sent> = []
  const server = createServer(async (request, response) => {
    let body = ""
    for await (const chunk of request.setEncoding("utf8")) body += chunk
    sent.push({ path: request.url, headers: request.headers, body })
    if (answers) response.end("{}")
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  return { sent, url: `http://127.0.0.1:${port}` }
}

/** Makes three calls of a server with these variables, and stops it. */
const serveWith = async (variables: Readonly<Record<string, string>>) => {
  const { folder } = scene()
  const key = (await runOn(folder)(["keys", "create"])).out.trim()
  const { child, ended, url } = await serving(folder, [], variables)
  const get = async (path: string, headers: Readonly<Record<string, string>>) => {
    const { status } = await fetch(url + path, { headers: { authorization: `Bearer ${key}`, ...headers } })
    return status
  }
  const traced = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" }
  const unsampled = { traceparent: "00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00" }
  expect(await get("/v1/campaigns/ava@acme.com?q=ava", traced)).toBe(404)
  expect(await get("/v1/campaigns", { traceparent: "ava@acme.com" })).toBe(200)
  expect(await get("/v1/leads", unsampled)).toBe(200)
  child.kill("SIGTERM")
  return { ...(await ended), key }
}

const valuesOf = (attributes: ReadonlyArray<{ readonly key: string; readonly value: object }>) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))

describe("traces", () => {
  it("are a span of each call, under the trace that it came with, without a value of it", async () => {
    const { sent, url } = await collecting()
    const { err, exitCode, key } = await serveWith({
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_HEADERS: "x-tenant=acme",
      OTEL_SERVICE_NAME: "outreach"
    })
    expect([exitCode, sent.map(({ path }) => path)]).toEqual([0, ["/v1/traces"]])
    expect(sent[0]?.headers).toMatchObject({ "content-type": "application/json", "x-tenant": "acme" })
    const body = sent[0]?.body ?? ""
    expect(body).not.toMatch(/ava|acme|sk_live/)
    expect(body).not.toContain(key)
    const { resource, scopeSpans } = JSON.parse(body).resourceSpans[0]
    expect(valuesOf(resource.attributes)).toMatchObject({
      "service.name": "outreach",
      "service.version": expect.any(String)
    })
    const [first, second, ...more] = scopeSpans[0].spans
    expect(more).toEqual([])
    expect(first).toMatchObject({
      traceId: "0af7651916cd43dd8448eb211c80319c",
      parentSpanId: "b7ad6b7169203331",
      name: "GET /v1/campaigns/:id",
      kind: 2
    })
    expect(valuesOf(first.attributes)).toEqual({
      "http.request.method": "GET",
      "http.route": "/v1/campaigns/:id",
      "http.response.status_code": 404,
      "leadterra.request.id": expect.stringMatching(/^req_/),
      "leadterra.workspace.id": "default"
    })
    expect(second).toMatchObject({
      name: "GET /v1/campaigns",
      traceId: expect.stringMatching(/^[\da-f]{32}$/)
    })
    expect(second.parentSpanId).toBeUndefined()
    expect(BigInt(second.endTimeUnixNano) > BigInt(second.startTimeUnixNano)).toBe(true)
    const [line] = err.split("\n")
    expect(JSON.parse(line ?? "")).toMatchObject({ trace: "0af7651916cd43dd8448eb211c80319c" })
  })

  it("are binary by default, and not sent when the variables say so", async () => {
    const { sent, url } = await collecting()
    await serveWith({ OTEL_EXPORTER_OTLP_ENDPOINT: url })
    expect(sent.map(({ headers }) => headers["content-type"])).toEqual(["application/x-protobuf"])
    await serveWith({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_SDK_DISABLED: "true" })
    await serveWith({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_TRACES_EXPORTER: "none" })
    expect(sent).toHaveLength(1)
  })

  it("keep no server from its end when the collector does not answer, or is not there", async () => {
    const { url } = await collecting({ answers: false })
    expect((await serveWith({ OTEL_EXPORTER_OTLP_ENDPOINT: url })).exitCode).toBe(0)
    expect((await serveWith({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" })).exitCode).toBe(0)
  })
}, 60_000)

describe("the variables", () => {
  it("ask for traces by an endpoint or an exporter", () => {
    const asked = (env: NodeJS.ProcessEnv) => tracingVariables(env) !== undefined
    expect(asked({})).toBe(false)
    expect(asked({ OTEL_EXPORTER_OTLP_ENDPOINT: " " })).toBe(false)
    expect(asked({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318" })).toBe(true)
    expect(asked({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://collector:4318/v1/traces" })).toBe(true)
    expect(asked({ OTEL_TRACES_EXPORTER: "otlp" })).toBe(true)
    expect(asked({ OTEL_TRACES_EXPORTER: "console,otlp" })).toBe(true)
    expect(asked({ OTEL_TRACES_EXPORTER: "none", OTEL_EXPORTER_OTLP_ENDPOINT: "http://x" })).toBe(false)
    expect(asked({ OTEL_TRACES_EXPORTER: "otlp", OTEL_SDK_DISABLED: "TRUE" })).toBe(false)
    expect(tracingVariables({ OTEL_TRACES_EXPORTER: "otlp" })).toMatchObject({
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4318",
      OTEL_SERVICE_NAME: "leadterra"
    })
  })

  it.each([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318" }, "OTEL_EXPORTER_OTLP_ENDPOINT is no URL"],
    [
      { OTEL_TRACES_EXPORTER: "otlp", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
      "OTEL_EXPORTER_OTLP_PROTOCOL takes http/protobuf or http/json"
    ]
  ])("are refused in a sentence: %j", (env, message) => {
    expect(() => tracingVariables(env)).toThrow(message)
  })

  it("that cannot be read end the start with the code of a wrong usage", async () => {
    const { folder } = scene()
    const variables = { OTEL_TRACES_EXPORTER: "otlp", OTEL_EXPORTER_OTLP_TIMEOUT: "soon" }
    const { child, ended } = starting(folder, ["serve", "--port", "0"], variables)
    child.stdin.end()
    expect(await ended).toMatchObject({ exitCode: 2, err: expect.stringContaining("The variables OTEL_*") })
  })
})
