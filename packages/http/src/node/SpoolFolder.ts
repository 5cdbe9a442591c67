/** The folder of a spool: its files by their names, and the bytes that they take. */
import { randomUUID } from "node:crypto"
import { link, lstat, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { ImportRef } from "../imports/ImportsStore.ts"
import { SpoolError, type SpoolFile } from "../imports/Spool.ts"

/** A list of people is for its owner alone. */
export const ownerOnly = 0o600
const folderMode = 0o700

const idFile = "spool.id"

export type Part = "list" | "failed" | "part"

/** A file, with the bytes that it takes. */
export interface FoundFile extends SpoolFile {
  readonly bytes: number
}

/** The code of a fault of the system, such as ENOENT. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined

/** The error for a fault of the system. */
export const faultOf = (error: unknown): unknown => {
  const code = codeOf(error)
  if (code === undefined) return error
  if (code === "ENOSPC" || code === "EDQUOT")
    return new SpoolError("DiskFull", "the disk of the spool is full: free some space and try again")
  if (code === "ENOENT")
    return new SpoolError("Missing", "the file is no longer in the spool: upload the list again")
  return new SpoolError("Failed", `the spool failed with ${code}: check its folder`)
}

export class SpoolFolder {
  readonly id: string
  readonly #path: string

  private constructor(path: string, id: string) {
    this.#path = path
    this.id = id
  }

  /** Opens a folder, and makes it if need be. Rejects with `SpoolError`. */
  static async open(path: string): Promise<SpoolFolder> {
    try {
      await mkdir(path, { recursive: true, mode: folderMode })
      await refuseShared(path)
      return new SpoolFolder(path, await idOf(path))
    } catch (error) {
      throw faultOf(error)
    }
  }

  /** The path of a file. Ids of workspaces may be `..`: in hexadecimal digits they name nothing else. */
  pathOf({ id, workspaceId }: ImportRef, part: Part): string {
    return join(this.#path, `${Buffer.from(workspaceId).toString("hex")}.${id}.${part}`)
  }

  async files(): Promise<ReadonlyArray<FoundFile>> {
    const found: Array<FoundFile> = []
    for (const name of await readdir(this.#path)) {
      const [, hex = "", id = "", part] =
        /^((?:[\da-f]{2})+)\.(imp_\w+)\.(list|failed|part)$/.exec(name) ?? []
      if (part === undefined) continue
      // Another process may remove it meanwhile.
      const facts = await stat(join(this.#path, name)).catch(() => undefined)
      if (facts === undefined) continue
      found.push({
        ref: { id, workspaceId: Buffer.from(hex, "hex").toString() },
        kind: part === "failed" ? "failed rows" : "list",
        modifiedAt: facts.mtimeMs,
        bytes: facts.size
      })
    }
    return found
  }

  async remove(ref: ImportRef, part: Part): Promise<void> {
    await rm(this.pathOf(ref, part), { force: true })
  }
}

/** In a folder that others can write to, a name of ours may lead to a file of theirs. */
const refuseShared = async (path: string): Promise<void> => {
  const { mode, uid, ...facts } = await lstat(path).then((found) => ({
    mode: found.mode,
    uid: found.uid,
    isFolder: found.isDirectory()
  }))
  if (!facts.isFolder) throw new SpoolError("Failed", "the spool is no folder: name a folder of its own")
  if (process.geteuid === undefined) return
  if (uid !== process.geteuid() || (mode & 0o077) !== 0)
    throw new SpoolError(
      "Failed",
      "the folder of the spool is open to other users: make it yours alone (chmod 700), or name another"
    )
}

/** The id of the folder: drawn by the first process that opens it. */
const idOf = async (path: string): Promise<string> => {
  const drawn = join(path, `.${randomUUID()}`)
  try {
    await writeFile(drawn, randomUUID(), { flag: "wx", mode: ownerOnly })
    await link(drawn, join(path, idFile)).catch((error) => {
      if (codeOf(error) !== "EEXIST") throw error
    })
  } finally {
    await rm(drawn, { force: true })
  }
  return readFile(join(path, idFile), "utf8")
}
