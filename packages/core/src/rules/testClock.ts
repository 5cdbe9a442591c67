/**
 * Test workspaces (TC): a workspace is live or a test workspace for ever, and the clock of a test
 * workspace only goes forward.
 */
import * as Result from "effect/Result"
import { answer, type Decision } from "../model/Decision.ts"
import { NotATestWorkspace, TestClockIsLater, WorkspaceModeConflict } from "../model/Errors.ts"
import type { Snapshot } from "../model/Snapshot.ts"
import { liveWorkspace, modeOf, type Workspace, type WorkspaceMode } from "../model/Workspace.ts"

/** The time of a test clock, in milliseconds since 1970. */
export interface TestClockAnswer {
  readonly now: number
}

/** Makes a new workspace live, or a test workspace whose clock begins at `now` (TC-1). Twice is once. */
export const decideCreateWorkspace = (
  { workspace }: Snapshot,
  mode: WorkspaceMode,
  now: number
): Result.Result<Decision<Workspace>, WorkspaceModeConflict> => {
  if (workspace === null) {
    const created = mode === "live" ? liveWorkspace : { testClock: now }
    return Result.succeed({
      changes: [{ _tag: "WorkspaceCreated", workspace: created }],
      answer: created
    })
  }
  const found = modeOf(workspace)
  return found === mode
    ? Result.succeed(answer(workspace))
    : Result.fail(WorkspaceModeConflict.make({ mode: found }))
}

/** The clock of a test workspace (TC-2). */
export const readTestClock = ({
  workspace
}: Pick<Snapshot, "workspace">): Result.Result<TestClockAnswer, NotATestWorkspace> =>
  workspace === null || workspace.testClock === null
    ? Result.fail(NotATestWorkspace.make({}))
    : Result.succeed({ now: workspace.testClock })

/** Sets a test clock to a later time (TC-2). The time that it has already changes nothing. */
export const decideAdvance = (
  snapshot: Snapshot,
  to: number
): Result.Result<Decision<TestClockAnswer>, NotATestWorkspace | TestClockIsLater> => {
  const read = readTestClock(snapshot)
  if (Result.isFailure(read)) return Result.fail(read.failure)
  const { now } = read.success
  if (to < now) return Result.fail(TestClockIsLater.make({ now }))
  return Result.succeed(
    to === now ? answer({ now }) : { changes: [{ _tag: "TestClockAdvanced", now: to }], answer: { now: to } }
  )
}
