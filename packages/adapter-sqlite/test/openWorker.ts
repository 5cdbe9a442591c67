/** Opens the file that it is given, in a thread of its own, and tells how that went. */
import { parentPort, workerData } from "node:worker_threads"
import * as Effect from "effect/Effect"
import { SqliteRepository } from "../src/index.ts"

const outcome = await Effect.runPromise(
  Effect.match(Effect.scoped(SqliteRepository.make({ filename: String(workerData) })), {
    onSuccess: () => "opened",
    onFailure: ({ message }) => message
  })
)
parentPort?.postMessage(outcome)
