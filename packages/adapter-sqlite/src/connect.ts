/** Connects to a file, and looks at it before: each failure says what to do. */
import { type Stats, statSync } from "node:fs"
import { StoreUnavailable } from "@leadterra/core"
import Database from "better-sqlite3"
import { CannotOpen } from "./failure.ts"

/** The store cannot be opened as it is. `why` says what is wrong and what to do. */
export const unavailable = (why: string, cause: unknown = why): CannotOpen =>
  new CannotOpen(new StoreUnavailable({ why, cause }))

/** Throws `CannotOpen` for a missing folder, and SQLite's error otherwise. */
export const connect = (filename: string, options: Database.Options): Database.Database => {
  try {
    return new Database(filename, options)
  } catch (error) {
    // The folder is missing: better-sqlite3 says so by a TypeError before SQLite is asked.
    if (error instanceof TypeError && error.message.includes("directory does not exist")) {
      throw unavailable("the file cannot be opened: check that its folder exists and is writable", error)
    }
    throw error
  }
}

/** By the code of the system's error. */
const advice = new Map([
  ["EACCES", "the file cannot be reached: let this process search the folders of its path"],
  ["EPERM", "the file cannot be reached: let this process search the folders of its path"],
  ["ELOOP", "the links of its path lead in a circle: name the file itself"],
  ["ENAMETOOLONG", "the file's name is too long: give a shorter one"]
])

/** Returns undefined when there is no such file. Throws `CannotOpen` when that cannot be known. */
export const statOf = (filename: string): Stats | undefined => {
  try {
    return statSync(filename, { throwIfNoEntry: false })
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : ""
    throw unavailable(
      advice.get(code) ?? "the file cannot be opened: check its path, and the disk that it is on",
      error
    )
  }
}
