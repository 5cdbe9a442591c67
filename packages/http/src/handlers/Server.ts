/** The values that the handlers of all groups share: the engine, the store, the cursors of lists, the imports and the streams. */
import type { Engine } from "@leadterra/core/promise"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { InvalidRequest, listed } from "../contract/problems.ts"
import type { Cursors } from "../cursors.ts"
import type { Imports } from "../imports/Imports.ts"
import type { Room } from "../Room.ts"
import type { ErasedPeople, ServerStore } from "../ServerStore.ts"
import type { UnsubscribeLinks } from "../unsubscribe.ts"
import type { UrlPolicy } from "../webhooks/UrlPolicy.ts"

export class Server extends Context.Service<
  Server,
  {
    readonly engine: Engine
    readonly store: ServerStore
    /** The urls that webhooks may have. */
    readonly webhookUrls: UrlPolicy
    readonly cursors: Cursors
    /** Sweeps the server's own records after an erasure. */
    readonly sweepErased: (people: ErasedPeople) => Promise<void>
    readonly imports: Imports
    /** Makes unsubscribe links; undefined for a server without a public url. */
    readonly links: UnsubscribeLinks | undefined
    /** The streams that may be open at once. */
    readonly streams: Room
    /** Ends all streams. */
    readonly ending: AbortSignal
  }
>()("leadterra/http/Server") {}

const foreignCursor = () =>
  new InvalidRequest({
    detail: "after is no cursor of this list: use the next of the page before",
    ...listed([{ pointer: "", code: "invalid", message: "query after: no cursor of this list" }])
  })

/** The arguments of a page, with the cursor opened. */
export const pageOf = Effect.fnUntraced(function* (
  { workspaceId, list }: { readonly workspaceId: string; readonly list: string },
  { after, limit }: { readonly after?: string; readonly limit?: number }
) {
  const { cursors } = yield* Server
  const opened =
    after === undefined
      ? undefined
      : ((yield* Effect.promise(() => cursors.open(workspaceId, list, after))) ?? (yield* foreignCursor()))
  return { workspaceId, after: opened, limit }
})

/** The cursor to go on after a page, sealed. */
export const nextOf = Effect.fnUntraced(function* (
  { workspaceId, list }: { readonly workspaceId: string; readonly list: string },
  next: string | null
) {
  const { cursors } = yield* Server
  return next === null ? null : yield* Effect.promise(() => cursors.seal(workspaceId, list, next))
})
