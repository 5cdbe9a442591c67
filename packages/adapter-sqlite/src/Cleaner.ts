/**
 * Cleans the file of a store after erasures, in a thread, so that the event loop goes on meanwhile
 * (ER-1). Decisions wait for a running cleaning without blocking the event loop, which a wait for
 * SQLite's lock would do.
 */
import { Worker } from "node:worker_threads"
import Database from "better-sqlite3"
import { cleanFile } from "./cleanFile.ts"
import { statOf } from "./connect.ts"
import { isBusy } from "./isBusy.ts"

/** The file to clean, and how long to wait for its other users, in milliseconds. */
export interface CleanTask {
  readonly filename: string
  readonly timeout: number
}

/** How a cleaning ended; an error of SQLite crosses threads as its parts. */
export interface Cleaned {
  readonly failure: { readonly code: string; readonly message: string } | undefined
}

const workerFile = new URL(
  import.meta.url.endsWith(".ts") ? "./cleanWorker.ts" : "./cleanWorker.js",
  import.meta.url
)

/** Bytes of a file and its log up to which a cleaning is faster than the start of a thread. */
const fewBytes = 1_000_000

/**
 * Cleans a file. A small one that nobody else uses is cleaned at once, any other in a thread, or on
 * the calling thread when none can start. Rejects with SQLite's error.
 */
export const clean = async (task: CleanTask): Promise<void> => {
  if (sizeOf(task.filename) <= fewBytes && isCleanedAtOnce(task.filename)) return
  const cleaned = await askThread(task).catch(() => undefined)
  if (cleaned === undefined) return cleanFile(task.filename, task)
  const { failure } = cleaned
  if (failure !== undefined) throw new Database.SqliteError(failure.message, failure.code)
}

const sizeOf = (filename: string): number =>
  [filename, `${filename}-wal`].reduce((sum, path) => sum + (statOf(path)?.size ?? 0), 0)

/** Cleans a file, unless it would have to wait. */
const isCleanedAtOnce = (filename: string): boolean => {
  try {
    cleanFile(filename, { timeout: 0 })
    return true
  } catch (error) {
    if (isBusy(error)) return false
    throw error
  }
}

const askThread = (task: CleanTask): Promise<Cleaned> =>
  new Promise((resolve, reject) => {
    // The thread needs none of the modules that the host preloads.
    const worker = new Worker(workerFile, { workerData: task, name: "leadterra-clean", execArgv: [] })
    worker.once("message", resolve)
    worker.once("error", reject)
    worker.once("exit", () => reject(new Error("the thread ended without an answer")))
  })

export class Cleaner {
  private readonly run: () => Promise<void>
  private work: Promise<void> | undefined

  constructor(run: () => Promise<void>) {
    this.run = run
  }

  /** Resolves when the running cleaning has ended or failed. Undefined when none is running. */
  get underWay(): Promise<void> | undefined {
    return this.work
  }

  /** Cleans the file. Rejects with SQLite's error or `CannotOpen`; the mark then stays in the file. */
  clean(): Promise<void> {
    const cleaned = this.run()
    const end = () => {
      if (this.work === ended) this.work = undefined
    }
    const ended = cleaned.then(end, end)
    this.work = ended
    return cleaned
  }
}
