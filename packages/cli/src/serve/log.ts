/**
 * The log of a server: one JSON object a line. No line holds a path, a query, a body, a header or a
 * message of an error, since each of them may hold an address or a key.
 */
import type { Answered, AttemptedWebhook } from "@leadterra/http"
import type { Terminal } from "../Terminal.ts"

export interface Log {
  readonly answered: (answered: Answered) => void
  /** Logs the name and the stack of a bug. */
  readonly failed: (error: unknown, requestId: string) => void
  readonly cut: (calls: number) => void
  /** Logs an answer that broke off, with a stack unless its reader was too slow. */
  readonly broken: (error: unknown, answer: Response) => void
  /** Logs why the server takes no imports. */
  readonly noSpool: (why: string) => void
  /** Logs an attempt of a webhook, without its url. */
  readonly attempted: (attempted: AttemptedWebhook) => void
  /** Logs an error of the relay of webhooks. */
  readonly relayFailed: (error: unknown) => void
}

export const makeLog = (err: Terminal["err"]): Log => {
  const write = (fields: Readonly<Record<string, unknown>>): void => {
    const line = JSON.stringify({ time: new Date().toISOString(), ...fields })
    // A log that cannot be written is no reason to answer nobody.
    err(`${line}\n`).catch(() => {})
  }
  return {
    answered: ({ method, milliseconds, requestId, route, status, traceparent, workspaceId }) =>
      write({
        requestId,
        method,
        route,
        status,
        milliseconds: Math.round(milliseconds * 10) / 10,
        workspace: workspaceId,
        // The id of the trace, where the call came with one.
        trace: traceparent?.slice(3, 35)
      }),
    failed: (error, requestId) =>
      write({ ...(requestId === "" ? {} : { requestId }), ...withoutMessage(error) }),
    cut: (calls) => write({ event: "stopped", callsCutOff: calls }),
    broken: (error, { headers }) => {
      const { error: name, stack } = withoutMessage(error)
      const isSlowReader = name === "TimeoutError"
      write({
        event: "answer cut off",
        requestId: headers.get("x-request-id") ?? undefined,
        error: name,
        ...(isSlowReader ? {} : { stack })
      })
    },
    noSpool: (why) => write({ event: "no imports", why }),
    attempted: ({ attempt, deliveryId, disabled, event, milliseconds, outcome, webhookId, workspaceId }) =>
      write({
        event: "webhook",
        webhook: webhookId,
        delivery: deliveryId,
        kind: event,
        attempt,
        ...(outcome.kind === "answered" ? { status: outcome.status } : { reason: outcome.kind }),
        milliseconds: Math.round(milliseconds * 10) / 10,
        workspace: workspaceId,
        ...(disabled ? { disabled } : {})
      }),
    relayFailed: (error) => write({ event: "webhooks failed", ...withoutMessage(error) })
  }
}

/** The name of an error and the lines of its stack that name places in the code. */
const withoutMessage = (
  error: unknown
): { readonly error: string; readonly stack?: ReadonlyArray<string> } => {
  if (!(error instanceof Error)) return { error: typeof error }
  const lines = (error.stack ?? "").split("\n").map((line) => line.trim())
  return { error: error.name, stack: lines.filter((line) => /^at \S/.test(line)) }
}
