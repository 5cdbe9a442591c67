/**
 * Moves the write-ahead log into the file beside the calls, in a thread of its own, so that no call waits for a disk. SQLite
 * starts the log anew once all of it has been moved; since calls go on meanwhile, this thread moves the small rest. The
 * thread is started when the log is long for the first time: a store that writes little never has one. Where none can be
 * had, commits move the log themselves, as they do by default.
 */
import { Worker } from "node:worker_threads"
import type Database from "better-sqlite3"

/** Of a log, in pages: its length, and how much of it has been moved; both -1 where there is no log. */
export interface LogSize {
  readonly log: number
  readonly checkpointed: number
}

/** How much of a log has yet to be moved, in pages. */
export const leftOf = ({ checkpointed, log }: LogSize = { checkpointed: 0, log: 0 }): number =>
  log - checkpointed

/** The arguments of the thread. */
export interface CheckpointTask {
  readonly filename: string
  readonly synchronous: number
}

/** The log may become so many times as long before commits see to it themselves: the thread is late, or gone. */
const patience = 4

const workerFile = new URL(
  import.meta.url.endsWith(".ts") ? "./checkpointWorker.ts" : "./checkpointWorker.js",
  import.meta.url
)

export class Checkpointer {
  private readonly db: Database.Database
  private readonly filename: string
  private readonly pages: number
  private readonly size: Database.Statement<[], LogSize>
  private readonly checkpoint: Database.Statement<[], LogSize>
  private worker: Worker | undefined
  private isAsked = false

  /** For a database in a file; `pages` is the length of the log from which on it is moved. */
  constructor(db: Database.Database, filename: string, pages: number) {
    this.db = db
    this.filename = filename
    this.pages = pages
    this.size = db.prepare("PRAGMA wal_checkpoint(NOOP)")
    this.checkpoint = db.prepare("PRAGMA wal_checkpoint(PASSIVE)")
    db.pragma(`wal_autocheckpoint = ${Math.min(pages * patience, 0x7fffffff)}`)
  }

  /** To be called after a commit. Never throws: what was committed is not undone by a log that is long. */
  afterCommit(): void {
    if (this.isAsked) return
    try {
      if (this.left() < this.pages) return
      this.isAsked = true
      this.worker ??= this.start()
      this.worker.postMessage("checkpoint")
    } catch {
      this.giveUp()
    }
  }

  /** Ends the thread, which finishes what it is at. Undefined where there is none. */
  stop(): Promise<void> | undefined {
    const { worker } = this
    if (worker === undefined) return undefined
    worker.ref()
    return new Promise((resolve) => {
      worker.once("exit", () => resolve())
      worker.postMessage("stop")
    })
  }

  private left(): number {
    return leftOf(this.size.get())
  }

  private start(): Worker {
    const task: CheckpointTask = {
      filename: this.filename,
      synchronous: Number(this.db.pragma("synchronous", { simple: true }))
    }
    // What the host loads before its own modules is no matter of this thread.
    const options = { workerData: task, name: "leadterra-checkpoint", execArgv: [] }
    const worker = new Worker(workerFile, options)
    worker.on("message", () => this.finish())
    // An error ends it, and is told by its end; without a listener it would end the host too.
    worker.on("error", () => {})
    worker.on("exit", () => this.giveUp())
    // A process that is done ends, whatever stands in the log. After the listeners: each of them would hold it again.
    worker.unref()
    return worker
  }

  /** The rest is short: what was written while the thread went over the log. */
  private finish(): void {
    this.isAsked = false
    if (!this.db.open) return
    try {
      if (this.left() > 0) this.checkpoint.get()
    } catch {
      this.giveUp()
    }
  }

  /** From now on commits see to the log, and nothing is asked of the thread again. */
  private giveUp(): void {
    this.isAsked = true
    this.worker = undefined
    if (this.db.open) this.db.pragma(`wal_autocheckpoint = ${this.pages}`)
  }
}
