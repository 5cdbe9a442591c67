/** The thread of a cleaning: it cleans one file, tells how that ended, and ends itself. */
import { parentPort, workerData } from "node:worker_threads"
import Database from "better-sqlite3"
import type { Cleaned, CleanTask } from "./Cleaner.ts"
import { cleanFile } from "./cleanFile.ts"

const { filename, timeout }: CleanTask = workerData

const clean = (): Cleaned => {
  try {
    cleanFile(filename, { timeout })
    return { failure: undefined }
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error
    return { failure: { code: error.code, message: error.message } }
  }
}

parentPort?.postMessage(clean())
