/** The MCP server on the pipes of a terminal: one JSON-RPC message a line, by the server of Effect. */
import { Readable } from "node:stream"

import { McpProtocol, McpServer } from "effect/ai"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Sink from "effect/Sink"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import type { Terminal } from "../Terminal.ts"
import { version } from "../version.ts"
import { type MessageFault, readMessages } from "./readMessages.ts"
import { type ToolHandlers, tools } from "./tools.ts"
import { instructions } from "./untrusted.ts"

/** The errors of JSON-RPC for a line that is no message. */
const faults: Readonly<Record<MessageFault, { readonly code: number; readonly message: string }>> = {
  Malformed: { code: -32700, message: "The line is not JSON in UTF-8" },
  TooLong: { code: -32600, message: "The message is too long: send fewer rows in one call" },
  TooDeep: { code: -32600, message: "The message has too many levels: send it flat" },
  Invalid: {
    code: -32600,
    message:
      "The line is no message of JSON-RPC 2.0: send jsonrpc, a method, and an id that is text or a number"
  }
}

/** The lines that are messages. Other lines are answered at once, since they have no id to answer by. */
async function* linesOf({ out, stdin }: Terminal, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  const close = () => {
    if (stdin instanceof Readable) stdin.destroy()
  }
  signal.addEventListener("abort", close)
  try {
    for await (const read of readMessages(stdin)) {
      if ("line" in read) yield encoder.encode(read.line)
      else await out(`${JSON.stringify({ jsonrpc: "2.0", id: null, error: faults[read.fault] })}\n`)
    }
  } catch (error) {
    // An input that is closed while it is read fails.
    if (!signal.aborted) throw error
  } finally {
    signal.removeEventListener("abort", close)
  }
}

const stdioOf = (terminal: Terminal, signal: AbortSignal): Stdio.Stdio => {
  const write = (text: string | Uint8Array) =>
    Effect.promise(() => terminal.out(typeof text === "string" ? text : Buffer.from(text).toString()))
  return Stdio.make({
    args: Effect.succeed([]),
    stdin: Stream.orDie(Stream.fromAsyncIterable(linesOf(terminal, signal), (error) => error)),
    stdout: () => Sink.forEach(write),
    stderr: () => Sink.drain
  })
}

/** Serves until the input ends, or the signal closes it. Messages that have come by then are answered. */
export const serveMcp = async (
  handlers: ToolHandlers,
  terminal: Terminal,
  signal: AbortSignal
): Promise<void> => {
  const { v2024_11_05, v2025_03_26, v2025_06_18, v2025_11_25, v2026_07_28 } = McpProtocol
  const server = McpServer.layerStdio({
    name: "leadterra",
    version,
    instructions,
    protocols: [v2026_07_28, v2025_11_25, v2025_06_18, v2025_03_26, v2024_11_05],
    registrations: Layer.provide(McpServer.toolkit(tools), tools.toLayer(handlers))
  }).pipe(
    Layer.provide(Layer.succeed(Stdio.Stdio, stdioOf(terminal, signal))),
    // The log would go to the output, which is for messages alone.
    Layer.provide(Logger.layer([]))
  )
  const exit = await Effect.runPromiseExit(Layer.launch(server))
  if (Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause)) throw Cause.squash(exit.cause)
}
