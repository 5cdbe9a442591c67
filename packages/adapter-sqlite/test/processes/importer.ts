/**
 * A process that imports a list and may be killed while it does. It tells `landed N` when a batch has landed.
 */
import { writeSync } from "node:fs"
import { Leads } from "@leadterra/core"
import * as Effect from "effect/Effect"
import { SqliteRepository } from "../../src/index.ts"

export interface ImportTask {
  readonly filename: string
  readonly ref: { readonly workspaceId: string; readonly campaignId: string }
  readonly rows: number
}

/** People who come again under other spellings and with other fields, and rows that fail. */
export function* list(rows: number) {
  for (let i = 0; i < rows; i++) {
    const person = i % 7 === 0 ? Math.floor(i / 2) : i
    const email = i % 11 === 0 ? `LEAD${person}@Example.com` : `lead${person}@example.com`
    yield i % 97 === 0 ? { email: "nobody" } : { email, company: `Company ${i}`, customFields: { row: i } }
  }
}

if (import.meta.main) {
  const [json = ""] = process.argv.slice(2)
  const { filename, ref, rows }: ImportTask = JSON.parse(json)
  await Leads.importAll({
    ...ref,
    leads: list(rows),
    batchSize: 500,
    onProgress: ({ next }) => writeSync(1, `landed ${next}\n`)
  }).pipe(Effect.provide(SqliteRepository.layer({ filename })), Effect.runPromise)
}
