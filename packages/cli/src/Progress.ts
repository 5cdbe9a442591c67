/**
 * Shows how far a list has come: on a terminal a line that is drawn anew, elsewhere a plain line now and then. It goes to
 * `err`, so that results can be piped.
 */
import { count, duration } from "./format.ts"
import type { Terminal } from "./Terminal.ts"

export interface Position {
  readonly rows: number
  readonly rowsPerSecond: number
  /** Since the start, in milliseconds. */
  readonly millis: number
  /** Of the whole, 0 to 1; null where the whole is not known. */
  readonly share: number | null
}

/** Milliseconds between two plain lines, and between two drawings. */
const plainEvery = 5_000
const drawEvery = 100

const barWidth = 24

const bar = (share: number): string => {
  const full = Math.round(share * barWidth)
  return "█".repeat(full) + "░".repeat(barWidth - full)
}

const percent = (share: number): string => `${String(Math.floor(share * 100)).padStart(3)}%`

/** The time that is left, when the rest goes as the beginning went. */
const left = ({ millis, share }: Position): string =>
  share === null || share === 0 || share >= 1 ? "" : `  ${duration((millis * (1 - share)) / share)} left`

export class Progress {
  readonly #terminal: Terminal
  #shownAt = Number.NEGATIVE_INFINITY
  #isDrawn = false

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  async show(position: Position): Promise<void> {
    const { columns, err, isInteractive, style } = this.#terminal
    const { millis, rows, rowsPerSecond, share } = position
    const isFirst = this.#shownAt === Number.NEGATIVE_INFINITY
    if (!isFirst && millis - this.#shownAt < (isInteractive ? drawEvery : plainEvery)) return
    this.#shownAt = millis
    if (isFirst && !isInteractive) return
    const news = `${count(rows)} rows  ${count(rowsPerSecond)} rows/s${left(position)}`
    if (!isInteractive) await err(`${share === null ? "" : `${percent(share)}  `}${news}\n`)
    else {
      const line = share === null ? news : `${bar(share)} ${percent(share)}  ${news}`
      this.#isDrawn = true
      await err(`\r\u001b[2K${style("cyan", line.slice(0, columns - 1))}`)
    }
  }

  /** Takes the line away, for what comes next. */
  async clear(): Promise<void> {
    if (this.#isDrawn) await this.#terminal.err("\r\u001b[2K")
    this.#isDrawn = false
  }
}
