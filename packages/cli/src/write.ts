/** Writes files that may be long. */
import { randomUUID } from "node:crypto"
import { constants, lstatSync, openSync, statSync } from "node:fs"
import { chmod, type FileHandle, open, rename, rm } from "node:fs/promises"
import { Socket } from "node:net"
import { CannotWrite, codeIn } from "./failure.ts"

/** A new file is a list of people, for its owner alone; one that is there keeps its permissions. */
const ownerOnly = 0o600

/** Writes text as it comes. After a fault, of the text or of the disk, the file holds what came before. */
export const write = async (path: string, texts: AsyncIterable<string>): Promise<void> => {
  if (statSync(path, { throwIfNoEntry: false })?.isFIFO() === true) return writeToPipe(path, texts)
  // A file that is new is made by this process alone: no link that appears meanwhile is followed.
  const isNew = lstatSync(path, { throwIfNoEntry: false }) === undefined
  const file = await open(path, isNew ? "wx" : "w", ownerOnly).catch(refuse(path))
  await writeTo(file, path, texts)
}

const writeTo = async (file: FileHandle, path: string, texts: AsyncIterable<string>): Promise<void> => {
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
  // Nobody can guess the name, and a file of this name is never opened.
  const part = `${path}.${randomUUID()}.part`
  const file = await open(part, "wx", ownerOnly).catch(refuse(path))
  try {
    await writeTo(file, path, texts)
    if (before !== undefined) await chmod(part, before.mode & 0o777).catch(refuse(path))
    await rename(part, path).catch(refuse(path))
  } finally {
    await rm(part, { force: true })
  }
}
