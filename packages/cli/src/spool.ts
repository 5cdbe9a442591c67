/** The spool of imports that `serve` takes: a folder for lists on their way into the store. */
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { ServerStore, Spool } from "@leadterra/http"
import { openSpool } from "@leadterra/http/node"
import { isServer } from "./store.ts"

export interface OpenedSpool {
  /** Undefined when the folder that nobody named cannot be used. */
  readonly spool: Spool | undefined
  /** Why there is none. */
  readonly why: string | undefined
  readonly close: () => Promise<void>
}

const nothing = async (): Promise<void> => {}

/**
 * Opens the folder of `--spool-dir`. By default it is `FILE-imports` beside a SQLite file, and a folder
 * in the temporary one of the system for other stores. Rejects with `SpoolError` when the folder that
 * was named cannot be used.
 */
export const openSpoolOf = async (
  { db, spoolDir }: { readonly db: string; readonly spoolDir?: string | undefined },
  store: ServerStore
): Promise<OpenedSpool> => {
  if (spoolDir !== undefined)
    return { spool: await openSpool({ folder: spoolDir, store }), why: undefined, close: nothing }
  const isInMemory = db === ":memory:"
  try {
    const folder = isInMemory
      ? await mkdtemp(join(tmpdir(), "leadterra-imports-"))
      : isServer(db)
        ? tmpdir()
        : `${db}-imports`
    const close = isInMemory ? () => rm(folder, { recursive: true, force: true }) : nothing
    return { spool: await openSpool({ folder, store }), why: undefined, close }
  } catch (error) {
    const why = error instanceof Error ? error.message : "the folder of the spool cannot be used"
    return { spool: undefined, why, close: nothing }
  }
}
