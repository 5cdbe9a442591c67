/** `serve`: the REST API on the store, until a signal stops it. */
import { setTimeout as sleep } from "node:timers/promises"
import { createKey, type Handlers, type HandlersOptions, handlers, type KeyStores } from "@leadterra/http"
import { scalar } from "@leadterra/http/reference"
import { exitCodes } from "../exitCodes.ts"
import { UsageError } from "../failure.ts"
import { makeCors } from "../serve/cors.ts"
import { listen } from "../serve/HttpServer.ts"
import { makeLog } from "../serve/log.ts"
import { makeProbes } from "../serve/probes.ts"
import { openTracing } from "../serve/tracing.ts"
import { senderOf, startRelay } from "../serve/webhooks.ts"
import { openServerStore } from "../serverStore.ts"
import { type CommonOptions, inSession } from "../session.ts"
import { openSpoolOf } from "../spool.ts"
import type { Terminal } from "../Terminal.ts"

export interface ServeOptions extends CommonOptions {
  readonly host: string
  readonly port: number
  readonly graceSeconds: number
  /** Seconds between a signal and the stop, in which `/readyz` answers 503 and calls go on. */
  readonly drainSeconds: number
  readonly publicUrl?: string | undefined
  /** Calls of a workspace a second. */
  readonly rate?: number | undefined
  readonly reference?: boolean | undefined
  readonly spoolDir?: string | undefined
  readonly webhookAllow?: ReadonlyArray<string> | undefined
  readonly metrics?: boolean | undefined
  /** Origins of pages that may call the API. */
  readonly corsOrigin?: ReadonlyArray<string> | undefined
}

/** A call waits this long for others, which is less than a client waits. */
const settings = { waitMillis: 5_000, connections: 10 }

export const serve = async (options: ServeOptions, terminal: Terminal): Promise<void> => {
  checkHost(options.host)
  checkMemory(options, terminal)
  const cors = options.corsOrigin === undefined ? undefined : makeCors(options.corsOrigin)
  const { webhookAllow = [] } = options
  const send = senderOf(webhookAllow)
  const tracing = await openTracing(process.env)
  const stop = stopOn(terminal)
  try {
    await inSession(
      options,
      terminal,
      async ({ answer, engine, isJson }) => {
        const store = await openServerStore(options.db, settings.waitMillis)
        const closing: Array<() => Promise<unknown>> = [store.close]
        try {
          const { err } = terminal
          const log = makeLog(err)
          const { close, spool, why } = await openSpoolOf(options, store)
          closing.push(close)
          if (why !== undefined) log.noSpool(why)
          const metrics = options.metrics === true ? await loadMetrics() : undefined
          const probes = makeProbes({ isStopping: stop.isAsked, readStore: store.keys.isEmpty })
          const { publicUrl, rate: maxCallsPerSecond } = options
          const api = handlersOf({
            ...{ engine, store, publicUrl, maxCallsPerSecond, spool, webhookAllow },
            reference: options.reference === false ? undefined : scalar,
            onAnswer: (answered) => {
              log.answered(answered)
              metrics?.answered(answered)
              tracing?.answered(answered)
            },
            onError: log.failed
          })
          closing.push(api.close)
          const fetch = async (request: Request): Promise<Response> => {
            if (metrics !== undefined && isMetricsCall(request)) return metrics.page()
            const probe = probes.routeOf(request)
            if (probe !== undefined) return probes.answer(probe, request.method)
            if (cors === undefined) return api.fetch(request)
            return cors.preflight(request) ?? cors.open(request, await api.fetch(request))
          }
          const server = await listen(fetch, options, { onBroken: log.broken })
          const hasKeys = !(await store.keys.isEmpty())
          const news = hasKeys || isJson ? "" : await firstKey({ engine, store }, options, terminal)
          await answer({ url: server.url, hasKeys }, `${news}Listening on ${server.url}\n`)
          const relay = startRelay({ engine, store, send, log, metrics })
          await stop.asked
          await sleep(options.drainSeconds * 1_000)
          api.endStreams()
          const graceMillis = options.graceSeconds * 1_000
          const [cut] = await Promise.all([server.stop(graceMillis), relay.stop(graceMillis)])
          if (cut > 0) log.cut(cut)
        } finally {
          for (const close of closing.reverse()) await close()
        }
      },
      { creates: true, takesMemory: true, settings }
    )
  } finally {
    await tracing?.close()
    stop.end()
  }
}

/** Node takes an empty address for all of them, and a variable that is not set for an empty one. */
const checkHost = (host: string): void => {
  if (host.trim() === "")
    throw new UsageError("--host is empty: name 127.0.0.1, or 0.0.0.0 for all addresses of this machine")
}

/** No other command reaches the keys of a store in memory, so that the first one must be shown. */
const checkMemory = ({ db, json }: ServeOptions, { isOutTerminal }: Terminal): void => {
  if (db === ":memory:" && (json === true || !isOutTerminal))
    throw new UsageError(
      "--db :memory: shows its one API key on a terminal alone, and no other command makes one: name a file"
    )
}

/** The library of metrics takes time to load, which a start without them does not have. */
const loadMetrics = async () => (await import("../serve/metrics.ts")).makeMetrics()

const isMetricsCall = ({ method, url }: Request): boolean =>
  method === "GET" && new URL(url).pathname === "/metrics"

/** The public url is the one option of these that a person gives. */
const handlersOf = (options: HandlersOptions): Handlers => {
  try {
    return handlers(options)
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(`--public-url: ${error.message}`)
    throw error
  }
}

interface Stop {
  readonly asked: Promise<void>
  readonly isAsked: () => boolean
  /** Listens no longer. */
  readonly end: () => void
}

/** Waits for a signal. A second one ends the process at once. */
const stopOn = (terminal: Terminal): Stop => {
  let isAsked = false
  let ask = (): void => {}
  const asked = new Promise<void>((resolve) => {
    ask = resolve
  })
  const end = terminal.onInterrupt(() => {
    if (isAsked) process.exit(exitCodes.interrupted)
    isAsked = true
    ask()
  })
  return { asked, isAsked: () => isAsked, end }
}

/** Creates a key where a person sees it; a log or a file is no place for one. */
const firstKey = async (
  stores: KeyStores,
  { workspace }: ServeOptions,
  { isOutTerminal }: Terminal
): Promise<string> => {
  if (!isOutTerminal) return "There are no API keys yet: leadterra keys create makes one\n"
  const { key } = await createKey(stores, { workspaceId: workspace, mode: "live", now: Date.now() })
  return `The first API key, shown this once, of the workspace ${workspace}: ${key}\n`
}
