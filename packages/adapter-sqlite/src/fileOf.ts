import type { Database } from "better-sqlite3"

/** The file of a database, in full: the name that the host gave may be relative to a folder that it has left. */
export const fileOf = (db: Database): string | undefined =>
  db.memory
    ? undefined
    : db
        .prepare<[], { readonly name: string; readonly file: string }>("PRAGMA database_list")
        .all()
        .find(({ name }) => name === "main")?.file
