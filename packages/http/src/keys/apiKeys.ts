/** The use cases of API keys: create, list and revoke them, and find the workspace of one. */
import { Ids, InvalidRequest, WorkspaceModeConflict as OtherMode } from "@leadterra/core"
import * as Schema from "effect/Schema"
import { type KeyMode, type KeyRecord, type ServerStore, WorkspaceModeConflict } from "../ServerStore.ts"
import { hashKey, hintOf, makeKey, parseKey } from "./key.ts"
import { drawKeyId } from "./keyId.ts"

const isWorkspaceId = Schema.is(Ids.WorkspaceId)

const isMode = (mode: unknown): boolean => mode === "live" || mode === "test"

/** The latest time that a ULID holds. */
const latest = 2 ** 48 - 1

const refuse = (path: string, message: string): never => {
  throw new InvalidRequest({ issues: [{ path, message }] })
}

/** A caller without types may hand over anything. */
const checkTime = (now: number): void => {
  if (!Number.isSafeInteger(now) || now < 0 || now > latest)
    refuse("now", "must be whole milliseconds since the epoch, such as Date.now()")
}

/** A key, told this once, and its record. */
export interface CreatedKey {
  readonly key: string
  readonly record: KeyRecord
}

/** A record without its hash, as lists show it. */
export type KeySummary = Omit<KeyRecord, "hash">

/** The stores of a key: of its workspace, and of its hash. */
export interface KeyStores {
  /** The engine on the leads, of which only the workspaces are used. */
  readonly engine: {
    readonly workspaces: {
      readonly create: (input: { readonly workspaceId: string; readonly mode: KeyMode }) => Promise<unknown>
    }
  }
  readonly store: ServerStore
}

/**
 * Draws a key for a workspace and stores its hash. A new workspace becomes a live or a test workspace
 * by it, for ever (TC-1). `now` is in milliseconds since the epoch. Rejects with `InvalidRequest` for
 * an argument that is none, with `WorkspaceModeConflict`, and with the errors of both stores.
 */
export const createKey = async (
  { engine, store }: KeyStores,
  { mode, now, workspaceId }: { readonly workspaceId: string; readonly mode: KeyMode; readonly now: number }
): Promise<CreatedKey> => {
  if (!isWorkspaceId(workspaceId)) refuse("workspaceId", "must have 1 to 64 letters, digits or . _ : -")
  if (!isMode(mode)) refuse("mode", 'must be "live" or "test"')
  checkTime(now)
  await createWorkspace(engine, workspaceId, mode)
  const key = makeKey({ mode })
  const record: KeyRecord = {
    id: drawKeyId(now),
    workspaceId,
    mode,
    hash: await hashKey(key),
    hint: hintOf(key),
    createdAt: now,
    revokedAt: null
  }
  await store.keys.add(record)
  return { key, record }
}

/**
 * The leads decide the mode first. So both stores agree, whatever happens before the key is added:
 * the same call then adds it, and a call for the other mode is refused.
 */
const createWorkspace = async (
  { workspaces }: KeyStores["engine"],
  workspaceId: string,
  mode: KeyMode
): Promise<void> => {
  try {
    await workspaces.create({ workspaceId, mode })
  } catch (error) {
    throw error instanceof OtherMode ? new WorkspaceModeConflict(workspaceId, error.mode) : error
  }
}

const summaryOf = ({ hash: _, ...summary }: KeyRecord): KeySummary => summary

/** Returns the keys, oldest first, of one workspace or of all; revoked ones too. */
export const listKeys = async (
  store: ServerStore,
  of?: { readonly workspaceId?: string }
): Promise<ReadonlyArray<KeySummary>> => (await store.keys.list(of)).map(summaryOf)

/**
 * Makes a key invalid from the next call on; a stream of events that it opened ends within five
 * seconds. Returns false when there is no key of this id. Rejects with `InvalidRequest` for a time
 * that is none.
 */
export const revokeKey = async (
  store: ServerStore,
  { id, now }: { readonly id: string; readonly now: number }
): Promise<boolean> => {
  checkTime(now)
  return store.keys.revoke(id, now)
}

/**
 * Returns the record of a valid key. Undefined for text that is no key, for an unknown key and for
 * a revoked one. The checksum is judged first, so that mistyped text costs no look-up.
 */
export const findKey = async (store: ServerStore, text: string): Promise<KeySummary | undefined> => {
  const mode = parseKey(text)
  if (mode === undefined) return undefined
  const record = await store.keys.byHash(await hashKey(text))
  return record === undefined || record.mode !== mode || record.revokedAt !== null
    ? undefined
    : summaryOf(record)
}
