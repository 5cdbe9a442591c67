/**
 * `ServerStore`: the port for the records of the server itself, beside the leads. A record of a key
 * holds the hash of the key and never the key.
 */

import type { WorkspaceMode } from "@leadterra/core"
import type { ImportsStore } from "./imports/ImportsStore.ts"
import type { SecretStore } from "./secrets/SecretStore.ts"
import type { WebhookStore } from "./webhooks/WebhookStore.ts"

/** Live keys reach live workspaces, and test keys test workspaces. */
export type KeyMode = WorkspaceMode

/** An API key as a store keeps it. */
export interface KeyRecord {
  /** `key_` and a ULID. */
  readonly id: string
  readonly workspaceId: string
  readonly mode: KeyMode
  /** SHA-256 of the key, in lowercase hexadecimal digits. */
  readonly hash: string
  /** The last four characters of the key, by which a person tells keys apart. */
  readonly hint: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** Milliseconds since the epoch; null while the key is valid. */
  readonly revokedAt: number | null
}

/** People whom `Leads.erase` has erased from a workspace, by any spelling of their addresses. */
export interface ErasedPeople {
  readonly workspaceId: string
  readonly emails: ReadonlyArray<string>
}

/**
 * The records of a server. Each method is atomic, also between processes on one store. A method
 * rejects with `ServerStoreError` when the store cannot be read or written.
 */
export interface ServerStore {
  readonly keys: {
    /**
     * Adds a key. Rejects with `WorkspaceModeConflict` when the workspace has a key of the other mode,
     * revoked or not: a workspace has one mode for ever.
     */
    readonly add: (record: KeyRecord) => Promise<void>
    /** Returns the key with this hash, revoked or not. */
    readonly byHash: (hash: string) => Promise<KeyRecord | undefined>
    /** Returns the keys, oldest first, of one workspace or of all. */
    readonly list: (of?: { readonly workspaceId?: string }) => Promise<ReadonlyArray<KeyRecord>>
    /** Returns false when there is no key of this id. A second call keeps the time of the first. */
    readonly revoke: (id: string, at: number) => Promise<boolean>
    /** Whether no key was ever added. */
    readonly isEmpty: () => Promise<boolean>
  }
  /** Import jobs. Their lists and failed rows are in a `Spool`. */
  readonly imports: ImportsStore
  /** Returns 32 random bytes: drawn on the first call for a name, and the same until they are replaced. */
  readonly secret: (name: string) => Promise<Uint8Array>
  /** Secrets that are replaced from time to time. The current one of a name is that of `secret`. */
  readonly secrets: SecretStore
  /**
   * Forgets what the records hold of people whom `Leads.erase` has erased. Keys and secrets hold
   * nothing of them.
   */
  readonly erased: (people: ErasedPeople) => Promise<void>
  readonly webhooks: WebhookStore
  readonly close: () => Promise<void>
}

/** A workspace is live or a test workspace for ever, and a key of the other mode was to be added. */
export class WorkspaceModeConflict extends Error {
  readonly _tag = "WorkspaceModeConflict"
  readonly workspaceId: string
  readonly mode: KeyMode

  constructor(workspaceId: string, mode: KeyMode) {
    super(
      `this workspace is a ${mode} workspace, for ever: name another one for ${mode === "live" ? "test" : "live"} keys`
    )
    this.workspaceId = workspaceId
    this.mode = mode
  }
}

/**
 * The store cannot be opened, read or written. The message says what to do, and holds neither a key
 * nor a message of a driver.
 */
export class ServerStoreError extends Error {
  readonly _tag = "ServerStoreError"
  /** Whether the same call may succeed a little later: others hold a lock, or a connection was lost. */
  readonly isRetryable: boolean

  constructor(message: string, { isRetryable = false }: { readonly isRetryable?: boolean } = {}) {
    super(message)
    this.isRetryable = isRetryable
  }
}
