/** Writes files that may be long. */
import { open } from "node:fs/promises"
import { CannotWrite } from "./failure.ts"

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
