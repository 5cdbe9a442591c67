/** Writes files that may be long. */
import { constants, openSync, statSync } from "node:fs"
import { chmod, open, rename, rm } from "node:fs/promises"
import { Socket } from "node:net"
import { resolve } from "node:path"
import { CannotWrite, codeIn, UsageError } from "./failure.ts"

/** A new file is a list of people, for its owner alone; one that is there keeps its permissions. */
const ownerOnly = 0o600

/** Writes text as it comes. After a fault, of the text or of the disk, the file holds what came before. */
export const write = async (path: string, texts: AsyncIterable<string>): Promise<void> => {
  if (statSync(path, { throwIfNoEntry: false })?.isFIFO() === true) return writeToPipe(path, texts)
  const file = await open(path, "w", ownerOnly).catch(refuse(path))
  try {
    for await (const text of texts) await file.appendFile(text).catch(refuse(path))
  } finally {
    await file.close()
  }
}

/**
 * Opens a pipe that has a reader already, and writes to it without a thread that blocks: a thread
 * that waits for a reader could not be interrupted, and would keep the process from ending.
 */
const writeToPipe = async (path: string, texts: AsyncIterable<string>): Promise<void> => {
  const socket = new Socket({ fd: openPipe(path), readable: false, writable: true })
  // Each write tells of its own fault.
  socket.on("error", () => {})
  try {
    for await (const text of texts) {
      await new Promise<void>((resolve, reject) => {
        socket.write(text, (error) => (error === null || error === undefined ? resolve() : reject(error)))
      }).catch(refuse(path))
    }
    await new Promise<void>((resolve) => socket.end(resolve))
  } finally {
    socket.destroy()
  }
}

const openPipe = (path: string): number => {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  } catch (error) {
    if (codeIn(error) !== "ENXIO") return refuse(path)(error)
    throw new CannotWrite(`${path} is a pipe that nobody reads from: start its reader, or name a file`)
  }
}

const refuse =
  (path: string) =>
  (error: unknown): never => {
    throw new CannotWrite(`${path} cannot be written (${codeIn(error)}): name another file`)
  }

/** Writes a file that is there whole, or not at all: what stood there before stays until the end. */
export const writeWhole = async (path: string, texts: AsyncIterable<string>): Promise<void> => {
  const before = statSync(path, { throwIfNoEntry: false })
  if (before !== undefined && !before.isFile()) return write(path, texts)
  const part = `${path}.${process.pid}.part`
  try {
    await write(part, texts)
    if (before !== undefined) await chmod(part, before.mode & 0o777).catch(refuse(path))
    await rename(part, path).catch(refuse(path))
  } finally {
    await rm(part, { force: true })
  }
}

/** Whether two paths lead to one file, by whatever names. */
const isSame = (path: string, other: string): boolean => {
  const [a, b] = [path, other].map((name) => statSync(name, { throwIfNoEntry: false }))
  if (a === undefined || b === undefined) return resolve(path) === resolve(other)
  return a.ino === b.ino && a.dev === b.dev
}

/** The files of a SQLite store: those beside it are part of it. */
export const filesOf = (db: string): ReadonlyArray<string> =>
  ["", "-wal", "-shm", "-journal"].map((suffix) => db + suffix)

/** Refuses to write over a file that the command needs, given what each is to the user. */
export const refuseToOverwrite = (
  path: string,
  needed: Readonly<Record<string, ReadonlyArray<string>>>
): void => {
  for (const [what, files] of Object.entries(needed)) {
    if (files.some((file) => isSame(path, file))) {
      throw new UsageError(`${path} is ${what}: name another file to write`)
    }
  }
}
