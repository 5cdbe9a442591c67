/** A process that does one operation on a file, and dies by SIGKILL in place of its N-th statement. */
import Database from "better-sqlite3"
import { on } from "../../../../test/on.ts"
import { repositoryOn } from "../../src/repositoryOn.ts"
import { type Refs, still, writesOn } from "../operations.ts"

export interface Death {
  readonly filename: string
  readonly refs: Refs
  readonly operation: string
  /** Counts from 1; one past the last lets it live. */
  readonly statement: number
}

const { filename, operation, refs, statement }: Death = JSON.parse(process.argv[2] ?? "")

let statements = 0
let armed = false
const db = new Database(filename, {
  verbose: () => {
    if (armed && ++statements === statement) process.kill(process.pid, "SIGKILL")
  }
})
db.pragma("journal_mode = WAL")
const repository = repositoryOn(db)
const run = writesOn(refs).get(operation)
if (run === undefined) throw new Error(`there is no operation ${operation}`)
armed = true
await on(repository, still(run))
process.stdout.write(String(statements))
