/**
 * The use case `Workspaces.create`. Nobody has to call it: the first write to a workspace makes it a
 * live one. A test workspace is made by this call alone, before anything else is written to it.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { decisionMoment } from "./decisionMoment.ts"
import type { WorkspaceMode } from "./model/Workspace.ts"
import { Repository } from "./Repository.ts"
import { decodeExactly, inWorkspace } from "./request.ts"
import { decideCreateWorkspace } from "./rules/testClock.ts"

const decodeCreate = decodeExactly(Schema.Struct({ ...inWorkspace, mode: Schema.Literals(["live", "test"]) }))

/**
 * Makes a new workspace a live one or a test workspace, for ever (TC-1), and returns it. The clock of
 * a test workspace begins at the real time. A second call changes nothing. Fails with
 * `WorkspaceModeConflict` for a workspace of the other mode; a workspace that was written to before
 * is live.
 *
 * @example
 * yield* Workspaces.create({ workspaceId: "ws_test", mode: "test" })
 * // { testClock: 1749556800000 }
 */
export const create = Effect.fn("Workspaces.create")(function* (input: {
  readonly workspaceId: string
  readonly mode: WorkspaceMode
}) {
  const repository = yield* Repository
  const { mode, workspaceId } = yield* decodeCreate(input)
  const moment = yield* decisionMoment
  return yield* repository.decide({ workspaceId }, (snapshot) =>
    decideCreateWorkspace(snapshot, mode, moment(snapshot).realNow)
  )
})
