/**
 * Works on a copy of the store that is thrown away: nothing else tells as surely what an import
 * would do.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import { ImportStopped, RepositoryError, StoreUnavailable } from "@leadterra/core"
import { CannotWrite, codeIn } from "./failure.ts"

/**
 * Makes the copy in the temporary folder, and removes it however the work ends. Its files lose their
 * names as soon as they are open, where the system lets them, so that nothing stays behind when the
 * process is killed.
 */
export const onCopy = async (
  db: string,
  work: (copy: string, onOpen: () => void) => Promise<number>
): Promise<number> => {
  const folder = newFolder()
  const clean = () => rmSync(folder, { recursive: true, force: true })
  process.once("exit", clean)
  try {
    const copy = join(folder, "copy.db")
    SqliteRepository.copyStore({ filename: db, into: copy, busyTimeoutMillis: waitMillis })
    return await work(copy, () => {
      if (process.platform !== "win32") clean()
    })
  } catch (error) {
    if (error instanceof SqliteRepository.CopyFailed) throw noRoom(error.code)
    const code = writeFailureIn(error)
    throw code === undefined ? error : noRoom(code)
  } finally {
    process.off("exit", clean)
    clean()
  }
}

/** How long the copy waits for others that use the store. */
const waitMillis = 30_000

const newFolder = (): string => {
  try {
    return mkdtempSync(join(tmpdir(), "leadterra-dry-run-"))
  } catch (error) {
    throw noRoom(codeIn(error))
  }
}

const noRoom = (code: string): CannotWrite =>
  new CannotWrite(
    `the copy for --dry-run cannot be made in ${tmpdir()} (${code}): it takes as much room as the store, and the list; TMPDIR names another place`
  )

/** The code of a copy that took no more; undefined for another failure. */
const writeFailureIn = (error: unknown): string | undefined => {
  const failure = error instanceof ImportStopped ? error.reason : error
  if (!(failure instanceof RepositoryError && failure.reason instanceof StoreUnavailable)) return undefined
  const code = codeIn(failure.reason.cause)
  return /^SQLITE_(?:FULL|IOERR|CANTOPEN)/.test(code) ? code : undefined
}
