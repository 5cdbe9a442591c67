/** Writes files that may be long. */
import { statSync } from "node:fs"
import { open } from "node:fs/promises"
import { CannotWrite, UsageError } from "./failure.ts"

/** Writes text as it comes. After a fault, of the text or of the disk, the file holds what came before. */
export const write = async (path: string, texts: AsyncIterable<string>): Promise<void> => {
  const file = await open(path, "w").catch(refuse(path))
  try {
    for await (const text of texts) await file.appendFile(text).catch(refuse(path))
  } finally {
    await file.close()
  }
}

const refuse = (path: string) => (error: unknown) => {
  const why = error instanceof Error && "code" in error ? String(error.code) : "unknown reason"
  throw new CannotWrite(`${path} cannot be written (${why}): name another file`)
}

/** Whether two paths lead to one file, by whatever names. */
const isSame = (path: string, other: string): boolean => {
  const [a, b] = [path, other].map((name) => statSync(name, { throwIfNoEntry: false }))
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev
}

/** Refuses to write over a file that the command needs, given what each is to the user. */
export const refuseToOverwrite = (path: string, needed: Readonly<Record<string, string>>): void => {
  for (const [what, other] of Object.entries(needed)) {
    if (isSame(path, other)) throw new UsageError(`${path} is ${what}: name another file to write`)
  }
}
