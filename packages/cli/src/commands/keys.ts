/** `keys`: create, list and revoke the API keys of `leadterra serve`, and replace the secret of its unsubscribe links. */
import {
  createKey,
  formerLinkDays,
  type KeySummary,
  listKeys,
  revokeKey,
  rotateUnsubscribeSecret,
  type ServerStore
} from "@leadterra/http"
import { shown, table, time } from "../format.ts"
import { openServerStore } from "../serverStore.ts"
import { type CommonOptions, inSession, type Session } from "../session.ts"
import type { Terminal } from "../Terminal.ts"

/** Options, and whether `--workspace` stands on the command line. */
export interface KeysOptions extends CommonOptions {
  readonly isWorkspaceNamed: boolean
}

/** No key has this id. */
export class KeyNotFound extends Error {
  readonly _tag = "KeyNotFound"
}

const busyTimeoutMillis = 30_000

const withStore = <A>(
  options: CommonOptions,
  terminal: Terminal,
  work: (store: ServerStore, session: Session) => Promise<A>,
  { creates = false } = {}
): Promise<A> =>
  inSession(
    options,
    terminal,
    async (session) => {
      const store = await openServerStore(options.db, busyTimeoutMillis)
      try {
        return await work(store, session)
      } finally {
        await store.close()
      }
    },
    { creates }
  )

/** Keys of tests have a workspace of their own: a workspace has keys of one mode for ever. */
const testWorkspaceOf = ({ isWorkspaceNamed, workspace }: KeysOptions): string =>
  isWorkspaceNamed ? workspace : `${workspace}-test`

export const create = (
  { test = false, ...options }: KeysOptions & { readonly test?: boolean | undefined },
  terminal: Terminal
): Promise<void> =>
  withStore(
    options,
    terminal,
    async (store, { answer, engine, isJson }) => {
      const { key, record } = await createKey(
        { engine, store },
        {
          workspaceId: test ? testWorkspaceOf(options) : options.workspace,
          mode: test ? "test" : "live",
          now: Date.now()
        }
      )
      const { hash: _, ...summary } = record
      await answer({ key, ...summary }, `${key}\n`)
      if (!isJson)
        await terminal.err(
          `This ${record.mode} key of the workspace ${shown(record.workspaceId)} is shown this once: keep it where secrets are kept\n`
        )
    },
    { creates: true }
  )

const rowOf = ({ createdAt, hint, id, mode, revokedAt, workspaceId }: KeySummary) => [
  id,
  mode,
  shown(workspaceId),
  `...${hint}`,
  time(createdAt),
  revokedAt === null ? "" : `revoked ${time(revokedAt)}`
]

export const list = ({ isWorkspaceNamed, ...options }: KeysOptions, terminal: Terminal): Promise<void> =>
  withStore(options, terminal, async (store, { answer }) => {
    const keys = await listKeys(store, isWorkspaceNamed ? { workspaceId: options.workspace } : {})
    const none = "There are no keys yet: leadterra keys create makes one\n"
    await answer(keys, keys.length === 0 ? none : table(keys.map(rowOf)))
  })

export const revoke = (id: string, options: CommonOptions, terminal: Terminal): Promise<void> =>
  withStore(options, terminal, async (store, { answer }) => {
    if (!(await revokeKey(store, { id, now: Date.now() })))
      throw new KeyNotFound("There is no key of this id: leadterra keys list shows the ids")
    await answer({ id, revoked: true }, "revoked\n")
  })

export const rotateUnsubscribe = (
  { endLinks = false, ...options }: CommonOptions & { readonly endLinks?: boolean | undefined },
  terminal: Terminal
): Promise<void> =>
  withStore(options, terminal, async (store, { answer }) => {
    await rotateUnsubscribeSecret(store, { now: Date.now(), endsLinks: endLinks })
    const links = endLinks
      ? "no link that was sent before works any more"
      : `links that were sent before work for ${formerLinkDays} days`
    await answer({ rotated: true, linksEnded: endLinks }, `rotated: ${links}\n`)
  })
