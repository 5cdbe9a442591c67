/** What every command is given: the store that it names, the workspace, and how to answer. */
import type { Engine } from "@leadterra/core/promise"
import { checkStore, openStore, type StoreOptions, type StoreSettings } from "./store.ts"
import type { Terminal } from "./Terminal.ts"

/** Options that every command has. */
export interface CommonOptions {
  readonly db: string
  readonly workspace: string
  readonly json?: boolean | undefined
}

export interface Session {
  readonly engine: Engine
  readonly workspaceId: string
  readonly terminal: Terminal
  /** Answers a value as JSON where that was asked for, else as text. */
  readonly answer: (value: unknown, text: string) => Promise<void>
  readonly isJson: boolean
}

const ofCommand: StoreSettings = { waitMillis: 30_000, connections: 4 }

/**
 * Opens the store, does the work, and closes it however that ends. Only a command that `creates` makes
 * a store that is not there.
 */
export const inSession = async <A>(
  { db, json = false, workspace }: CommonOptions,
  terminal: Terminal,
  work: (session: Session) => Promise<A>,
  { creates = false, settings = ofCommand, takesMemory = false }: Partial<StoreOptions> = {}
): Promise<A> => {
  checkStore(db, { creates, takesMemory })
  const engine = await openStore(db, { creates, takesMemory, settings })
  try {
    return await work({
      engine,
      workspaceId: workspace,
      terminal,
      isJson: json,
      answer: (value, text) => (json ? terminal.data(`${JSON.stringify(value)}\n`) : terminal.out(text))
    })
  } finally {
    await engine.close()
  }
}
