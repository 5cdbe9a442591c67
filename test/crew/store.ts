/** Where the members of a crew meet: in a file, or in a database. */
import { PostgresRepository } from "@leadterra/adapter-postgres"
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import type { Repository, RepositoryError } from "@leadterra/core"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

export type StoreName = { readonly filename: string } | { readonly url: string }

export const openStore = (
  store: StoreName
): Effect.Effect<Repository["Service"], RepositoryError, Scope.Scope> =>
  "filename" in store
    ? SqliteRepository.make({ ...store, busyTimeoutMillis: 60_000, walAutocheckpoint: 200 })
    : PostgresRepository.make({ ...store, connections: 2, acquireTimeoutMillis: 60_000 })
