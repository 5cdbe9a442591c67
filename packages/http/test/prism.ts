/** Prism as a proxy in front of a server: it checks each call and its answer against `openapi.json`. */
import { once } from "node:events"
import { createRequire } from "node:module"
import { join } from "node:path"
import { serve } from "@hono/node-server"
import { onTestFinished } from "vitest"

type Operations = ReadonlyArray<unknown>

interface Proxy {
  readonly listen: (port: number, host: string) => Promise<string>
  readonly close: () => Promise<void>
}

/** The parts of Prism that are used here. Its own types need libraries of its own. */
interface Prism {
  readonly getHttpOperationsFromSpec: (file: string) => Promise<Operations>
  readonly createServer: (operations: Operations, options: unknown) => Proxy
}

const require = createRequire(import.meta.url)
const {
  getHttpOperationsFromSpec
}: Pick<Prism, "getHttpOperationsFromSpec"> = require("@stoplight/prism-http")
const { createServer }: Pick<Prism, "createServer"> = require("@stoplight/prism-http-server")

const file = join(import.meta.dirname, "..", "openapi.json")
let operations: Promise<Operations> | undefined

const silent = { info: () => {}, debug: () => {}, trace: () => {}, warn: () => {}, error: () => {} }
const logger = { ...silent, child: () => logger }

/** Serves a handler behind two proxies: one that checks calls and answers, and one that checks answers alone. */
export const startPrism = async (answer: (request: Request) => Promise<Response>) => {
  operations ??= getHttpOperationsFromSpec(file)
  const upstream = serve({
    fetch: answer,
    hostname: "127.0.0.1",
    port: 0,
    overrideGlobalObjects: false
  })
  onTestFinished(() => void upstream.close())
  await once(upstream, "listening")
  const address = upstream.address()
  const port = typeof address === "object" ? address?.port : undefined
  const proxyOf = async (checksCalls: boolean): Promise<string> => {
    const proxy = createServer((await operations) ?? [], {
      cors: false,
      components: { logger },
      config: {
        isProxy: true,
        upstream: new URL(`http://127.0.0.1:${port}`),
        checkSecurity: checksCalls,
        validateRequest: checksCalls,
        validateResponse: true,
        // A violation is an answer of the proxy's own.
        errors: true,
        mock: { dynamic: false }
      }
    })
    onTestFinished(() => proxy.close())
    return proxy.listen(0, "127.0.0.1")
  }
  return { strict: await proxyOf(true), lenient: await proxyOf(false) }
}
