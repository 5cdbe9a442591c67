/** Refuses to write over a file that the command reads: its list, its input or its store. */
import { readlinkSync, realpathSync, type Stats, statSync } from "node:fs"
import { basename, dirname, join, resolve } from "node:path"
import { UsageError } from "./failure.ts"

/** A path, or a file that is open without one. */
export type Needed = string | Pick<Stats, "dev" | "ino">

const statOf = (needed: Needed): Pick<Stats, "dev" | "ino"> | undefined =>
  typeof needed === "string" ? statSync(needed, { throwIfNoEntry: false }) : needed

/** Whether two names lead to one file, through whatever links. */
const isSame = (path: string, other: Needed): boolean => {
  const [a, b] = [statOf(path), statOf(other)]
  if (a === undefined || b === undefined) return typeof other === "string" && target(path) === target(other)
  return a.ino === b.ino && a.dev === b.dev
}

/** Links that lead to a file that is not there; a circle of links has no end. */
const linksAtMost = 40

/** The path behind all links, also where there is no file yet. */
const target = (path: string, linksLeft = linksAtMost): string => {
  try {
    return realpathSync(path)
  } catch {
    const link = linkOf(path)
    if (link !== undefined && linksLeft > 0) return target(resolve(dirname(path), link), linksLeft - 1)
    const full = resolve(path)
    const folder = dirname(full)
    return folder === full ? full : join(target(folder, linksLeft), basename(full))
  }
}

const linkOf = (path: string): string | undefined => {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}

/** The files of a SQLite store: SQLite puts some beside the file that a link leads to. */
export const filesOf = (db: string): ReadonlyArray<string> =>
  [db, target(db)].flatMap((path) => ["", "-wal", "-shm", "-journal"].map((suffix) => path + suffix))

/** Refuses to write over a file that the command needs, given what each is to the user. */
export const refuseToOverwrite = (
  path: string,
  needed: Readonly<Record<string, ReadonlyArray<Needed>>>
): void => {
  for (const [what, files] of Object.entries(needed)) {
    if (files.some((file) => isSame(path, file))) {
      throw new UsageError(`${path} is ${what}: name another file to write`)
    }
  }
}
