/** The `ServerStore` in memory, for tests and for one process. It is the specification in code. */
import {
  type KeyMode,
  type KeyRecord,
  type ServerStore,
  ServerStoreError,
  WorkspaceModeConflict
} from "../ServerStore.ts"
import * as MemoryImports from "./memory/imports.ts"
import * as Secrets from "./memory/secrets.ts"
import * as Webhooks from "./memory/webhooks.ts"

/** Makes an empty store. */
export const make = (): ServerStore => {
  const keys = new Map<string, KeyRecord>()
  const modes = new Map<string, KeyMode>()
  return {
    keys: {
      add: async (record) => {
        const mode = modes.get(record.workspaceId) ?? record.mode
        if (mode !== record.mode) throw new WorkspaceModeConflict(record.workspaceId, mode)
        const others = Array.from(keys.values())
        if (others.some(({ hash, id }) => id === record.id || hash === record.hash))
          throw new ServerStoreError("this key was added before: make another one")
        modes.set(record.workspaceId, mode)
        keys.set(record.id, { ...record })
      },
      byHash: async (hash) => Array.from(keys.values()).find((record) => record.hash === hash),
      list: async ({ workspaceId } = {}) =>
        Array.from(keys.values())
          .filter((record) => workspaceId === undefined || record.workspaceId === workspaceId)
          .sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)),
      revoke: async (id, at) => {
        const record = keys.get(id)
        if (record === undefined) return false
        keys.set(id, { ...record, revokedAt: record.revokedAt ?? at })
        return true
      },
      isEmpty: async () => keys.size === 0
    },
    imports: MemoryImports.make(),
    ...Secrets.make(),
    webhooks: Webhooks.make(),
    erased: async () => {},
    close: async () => {}
  }
}
