/**
 * The streams of a command: results go to `out` and `data`, notices and errors to `err`. A test
 * gives its own. Writing waits for a slow reader. When the reader has closed its end, `out` and
 * `data` fail with `ReaderGone`, and notices are dropped.
 *
 * A name in a list may hold characters that move a cursor or reorder a line. Text for `out` and
 * `err` has each field `shown`. `data` is for text that a program may read, JSON and CSV: a file or
 * a pipe gets it as it is, a terminal gets it `shown`.
 */
import { fstatSync, type Stats } from "node:fs"
import { styleText } from "node:util"
import { CannotWrite, codeIn } from "./failure.ts"
import { shownLines } from "./format.ts"

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan"

export interface Terminal {
  readonly out: (text: string) => Promise<void>
  readonly data: (text: string) => Promise<void>
  readonly err: (text: string) => Promise<void>
  /** Whether `err` shows to a person at once, who sees a line that is drawn anew. */
  readonly isInteractive: boolean
  /** Whether `out` shows to a person. */
  readonly isOutTerminal: boolean
  /** Of a line of `err`. */
  readonly columns: number
  readonly style: (style: Style, text: string) => string
  readonly stdin: AsyncIterable<Uint8Array>
  /** The file behind `stdin`; undefined where nothing is known of it. */
  readonly input: Stats | undefined
  /** Calls back when the user asks to stop, and once more when they insist; gives how to listen no longer. */
  readonly onInterrupt: (listener: () => void) => () => void
}

/** Nobody reads the answer any more, as under `| head`. */
export class ReaderGone extends Error {}

const writerTo = (stream: NodeJS.WriteStream, onGone: () => void) => {
  // Each write tells of its own fault.
  stream.on("error", () => {})
  return (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      stream.write(text, (error) => {
        if (error === null || error === undefined) return resolve()
        const code = codeIn(error)
        if (code !== "EPIPE" && code !== "ERR_STREAM_DESTROYED") {
          return reject(new CannotWrite(`the answer cannot be written (${code}): free some space`))
        }
        try {
          onGone()
          resolve()
        } catch (gone) {
          reject(gone)
        }
      })
    })
}

/** Writes data: shown to a person on a terminal, unchanged to a file or a pipe. */
export const dataTo = (write: Terminal["out"], isTerminal: boolean): Terminal["data"] =>
  isTerminal ? (text) => write(shownLines(text)) : write

const inputStats = (): Stats | undefined => {
  try {
    return fstatSync(0)
  } catch {
    return undefined
  }
}

/** The width of a terminal; some tell 0 where they do not know it. */
export const columnsOf = ({ columns }: { readonly columns?: number | undefined }): number =>
  columns === undefined || columns < 1 ? 80 : columns

/** The terminal, or the pipes, of this process. */
export const processTerminal = (): Terminal => {
  const { env, stderr, stdin, stdout } = process
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const
  const out = writerTo(stdout, () => {
    throw new ReaderGone()
  })
  return {
    out,
    data: dataTo(out, stdout.isTTY === true),
    // News that nobody hears are no reason to stop.
    err: writerTo(stderr, () => {}),
    isInteractive: stderr.isTTY === true && env["TERM"] !== "dumb",
    isOutTerminal: stdout.isTTY === true,
    get columns() {
      return columnsOf(stderr)
    },
    // It knows NO_COLOR, FORCE_COLOR, and whether the stream is a terminal.
    style: (style, text) => styleText(style, text, { stream: stdout.isTTY === true ? stdout : stderr }),
    stdin,
    input: inputStats(),
    onInterrupt: (listener) => {
      for (const signal of signals) process.on(signal, listener)
      return () => {
        for (const signal of signals) process.off(signal, listener)
      }
    }
  }
}
