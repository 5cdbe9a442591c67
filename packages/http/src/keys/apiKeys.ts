/** The use cases of API keys: create, list and revoke them, and find the workspace of one. */
import { Ids, InvalidRequest } from "@leadterra/core"
import * as Schema from "effect/Schema"
import type { KeyMode, KeyRecord, ServerStore } from "../ServerStore.ts"
import { hashKey, hintOf, makeKey, parseKey } from "./key.ts"
import { drawKeyId } from "./keyId.ts"

const isWorkspaceId = Schema.is(Ids.WorkspaceId)

/** A key, told this once, and its record. */
export interface CreatedKey {
  readonly key: string
  readonly record: KeyRecord
}

/** A record without its hash, as lists show it. */
export type KeySummary = Omit<KeyRecord, "hash">

/**
 * Draws a key for a workspace and stores its hash. `now` is in milliseconds since the epoch. Rejects
 * with `InvalidRequest` for an invalid workspace id, and with `WorkspaceModeConflict`.
 */
export const createKey = async (
  store: ServerStore,
  { mode, now, workspaceId }: { readonly workspaceId: string; readonly mode: KeyMode; readonly now: number }
): Promise<CreatedKey> => {
  if (!isWorkspaceId(workspaceId)) {
    const message = "must have 1 to 64 letters, digits or . _ : -"
    throw new InvalidRequest({ issues: [{ path: "workspaceId", message }] })
  }
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

const summaryOf = ({ hash: _, ...summary }: KeyRecord): KeySummary => summary

/** Returns the keys, oldest first, of one workspace or of all; revoked ones too. */
export const listKeys = async (
  store: ServerStore,
  of?: { readonly workspaceId?: string }
): Promise<ReadonlyArray<KeySummary>> => (await store.keys.list(of)).map(summaryOf)

/** Makes a key invalid from now on. Returns false when there is no key of this id. */
export const revokeKey = (
  store: ServerStore,
  { id, now }: { readonly id: string; readonly now: number }
): Promise<boolean> => store.keys.revoke(id, now)

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
