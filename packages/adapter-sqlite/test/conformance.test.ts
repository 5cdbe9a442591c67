import { SqliteRepository } from "@leadterra/adapter-sqlite"
import { conformance } from "@leadterra/conformance"

conformance("SQLite in memory", SqliteRepository.layer({ filename: ":memory:" }))
