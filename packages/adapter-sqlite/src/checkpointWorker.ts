/**
 * The thread of the checkpointer: moves what stands in the write-ahead log into the file, on a connection of its own, while
 * the host's thread goes on writing. It goes over the log until little is left of what was written meanwhile.
 */
import { parentPort, workerData } from "node:worker_threads"
import Database from "better-sqlite3"
import { type CheckpointTask, type LogSize, leftOf } from "./Checkpointer.ts"

const { filename, synchronous }: CheckpointTask = workerData
const port = parentPort
const db = new Database(filename, { fileMustExist: true })
db.pragma(`synchronous = ${synchronous}`)
db.pragma("wal_autocheckpoint = 0")
const checkpoint = db.prepare<[], LogSize>("PRAGMA wal_checkpoint(PASSIVE)")
const size = db.prepare<[], LogSize>("PRAGMA wal_checkpoint(NOOP)")

/** Pages that the host's thread moves in a few milliseconds. */
const few = 1_000

const passes = 4

port?.on("message", (message: "checkpoint" | "stop") => {
  if (message === "stop") {
    db.close()
    port.close()
    return
  }
  for (let pass = 0; pass < passes && leftOf(size.get()) > (pass === 0 ? 0 : few); pass++) checkpoint.get()
  port.postMessage("done")
})
