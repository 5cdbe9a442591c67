/**
 * Where a command reads and writes: results go to `out`, news and errors to `err`. A test gives one of its own. Writing waits
 * when the reader is slow, and ends the process quietly when there is none any more, as under `| head`.
 */
import { once } from "node:events"
import { styleText } from "node:util"

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan"

export interface Terminal {
  readonly out: (text: string) => Promise<void>
  readonly err: (text: string) => Promise<void>
  /** Whether `err` shows to a person at once, who sees a line that is drawn anew. */
  readonly isInteractive: boolean
  /** Of a line of `err`. */
  readonly columns: number
  readonly style: (style: Style, text: string) => string
  readonly stdin: AsyncIterable<Uint8Array>
  /** Calls back when the user asks to stop, and once more when they insist; gives how to listen no longer. */
  readonly onInterrupt: (listener: () => void) => () => void
}

const writerTo =
  (stream: NodeJS.WriteStream) =>
  async (text: string): Promise<void> => {
    if (!stream.write(text)) await once(stream, "drain")
  }

/** The terminal, or the pipes, of this process. */
export const processTerminal = (): Terminal => {
  const { env, stderr, stdin, stdout } = process
  const leave = (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error
    process.exit()
  }
  stdout.on("error", leave)
  stderr.on("error", leave)
  const signals = ["SIGINT", "SIGTERM"] as const
  return {
    out: writerTo(stdout),
    err: writerTo(stderr),
    isInteractive: stderr.isTTY === true && env["TERM"] !== "dumb",
    get columns() {
      return stderr.columns ?? 80
    },
    // It knows NO_COLOR, FORCE_COLOR, and whether the stream is a terminal.
    style: (style, text) => styleText(style, text, { stream: stdout.isTTY === true ? stdout : stderr }),
    stdin,

    onInterrupt: (listener) => {
      for (const signal of signals) process.on(signal, listener)
      return () => {
        for (const signal of signals) process.off(signal, listener)
      }
    }
  }
}
