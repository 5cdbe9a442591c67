/**
 * A workspace, as a store keeps it. It is a live or a test workspace from the first write to it, for
 * ever (TC-1). A test workspace has a clock of its own, which dates its decisions (TC-3).
 */

export type WorkspaceMode = "live" | "test"

export interface Workspace {
  /** The time of the test clock, in milliseconds since 1970; null in a live workspace. */
  readonly testClock: number | null
}

/** A workspace without a clock of its own. */
export const liveWorkspace: Workspace = { testClock: null }

export const modeOf = ({ testClock }: Workspace): WorkspaceMode => (testClock === null ? "live" : "test")
