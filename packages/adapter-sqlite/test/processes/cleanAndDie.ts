/**
 * A process that erases on a file, and dies by SIGKILL after the erasure was committed: in place of
 * the N-th statement of the cleaning, or before the first one. It prints the number of statements
 * when it lives.
 */
import { Leads } from "@leadterra/core"
import Database from "better-sqlite3"
import { on } from "../../../../test/on.ts"
import { Cleaner } from "../../src/Cleaner.ts"
import { cleanFile } from "../../src/cleanFile.ts"
import { repositoryOn } from "../../src/repositoryOn.ts"

export interface Death {
  readonly filename: string
  readonly email: string
  /** Counts from 1; a number past the last lets the process live. */
  readonly statement: number
}

const { email, filename, statement }: Death = JSON.parse(process.argv[2] ?? "")

let statements = 0
const verbose = () => {
  if (++statements === statement) process.kill(process.pid, "SIGKILL")
}
const cleaner = new Cleaner(async () => cleanFile(filename, { timeout: 5_000, verbose }))
const repository = repositoryOn(new Database(filename), { cleaner })
await on(repository, Leads.erase({ workspaceId: "w", emails: [email] }))
process.stdout.write(String(statements))
process.exit(0)
