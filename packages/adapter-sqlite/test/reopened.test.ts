import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import { laws, runs } from "@leadterra/conformance"
import { Repository } from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import fc from "fast-check"
import { describe, it } from "vitest"

/** Memory-backed where the system has such a folder: the laws ask what is read back, not how fast a disk syncs. */
const base = existsSync("/dev/shm") ? "/dev/shm" : tmpdir()

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(base, "leadterra-laws-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

/** A new file for each build, opened before every call and closed after it: nothing may live in memory alone. */
const reopened = Layer.effect(
  Repository,
  Effect.gen(function* () {
    const filename = join(yield* folder, "laws.db")
    const opened = <A, E>(call: (repository: Repository["Service"]) => Effect.Effect<A, E>) =>
      Effect.scoped(Effect.flatMap(SqliteRepository.make({ filename }), call))
    return Repository.of({
      decide: (scope, rule) => opened((repository) => repository.decide(scope, rule)),
      read: (scope) => opened((repository) => repository.read(scope)),
      workspacesDue: (at) => opened((repository) => repository.workspacesDue(at)),
      campaigns: (page) => opened((repository) => repository.campaigns(page)),
      leads: (page) => opened((repository) => repository.leads(page)),
      suppressions: (page) => opened((repository) => repository.suppressions(page)),
      events: (page) => opened((repository) => repository.events(page))
    })
  })
)

/** One run for twenty that the store itself has: opening for each call is what makes it slow. */
describe("SQLite on a file that is reopened between commands keeps the laws", () => {
  for (const law of laws) {
    it(law.title, async () => {
      await fc.assert(law.property(reopened), { numRuns: runs / 20 })
    })
  }
})
