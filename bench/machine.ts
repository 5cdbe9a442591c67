/** On what a section was measured. */
import { readFileSync } from "node:fs"
import { availableParallelism, cpus } from "node:os"
import { join } from "node:path"
import Database from "better-sqlite3"

export const machine = (): string => {
  const sqlite = new Database(":memory:").prepare("SELECT sqlite_version()").pluck().get()
  const model = cpus()[0]?.model ?? "an unknown processor"
  return `${availableParallelism()} cores of ${model}, Node ${process.versions.node}, SQLite ${String(sqlite)}`
}

export const versionsOf = (libraries: ReadonlyArray<string>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    libraries.map((name) => {
      const manifest = join(import.meta.dirname, "node_modules", name, "package.json")
      const { version }: { readonly version: string } = JSON.parse(readFileSync(manifest, "utf8"))
      return [name, version]
    })
  )
