/** Stores that break the laws of test workspaces, in one way each. */
import {
  type Change,
  liveWorkspace,
  type Repository,
  type Snapshot,
  type Workspace,
  type WorkspaceId
} from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { change, decideWith, drop, type Mutant, mutant, onStaleSnapshots, readWith } from "../sabotage.ts"

/** Shows another workspace to rules and readers. */
const showing =
  (other: (workspace: Workspace) => Workspace) =>
  (snapshot: Snapshot): Snapshot => ({
    ...snapshot,
    workspace: snapshot.workspace === null ? null : other(snapshot.workspace)
  })

/** The test clock later by a millisecond with each call. */
const ticking = (): ((snapshot: Snapshot) => Snapshot) => {
  let ticks = 0
  return showing(({ testClock }) => ({ testClock: testClock === null ? null : testClock + ticks++ }))
}

/** The clock as it was in the snapshot before. */
const lagging = (): ((snapshot: Snapshot) => Snapshot) => {
  let before: number | null = null
  return showing(({ testClock }) => {
    const shown = before ?? testClock
    before = testClock
    return { testClock: shown }
  })
}

/** Shows the messages whose leases have run out by the test clock. */
const freeByClock = (snapshot: Snapshot): Snapshot => {
  const testClock = snapshot.workspace?.testClock ?? 0
  const free = [...snapshot.messages].flatMap(([id, found]) => {
    const { lease } = found.message
    if (lease === null) return [[id, found] as const]
    const message = { ...found.message, lease: { ...lease, until: 0 } }
    return lease.until <= testClock ? [[id, { ...found, message }] as const] : []
  })
  return { ...snapshot, messages: new Map(free) }
}

/** Takes a rewind as it comes, since the store has no constraint against it. */
const unconstrained =
  (sound: Repository["Service"]): Repository["Service"]["decide"] =>
  (scope, rule) =>
    sound.decide(scope, (snapshot) =>
      Result.map(rule(snapshot), ({ answer, changes }) => ({
        answer,
        changes: changes.filter(
          (item) =>
            item._tag !== "TestClockAdvanced" ||
            item.now >= (snapshot.workspace?.testClock ?? Number.POSITIVE_INFINITY)
        )
      }))
    )

/** Takes a second creation as it comes. */
const createsAgain = (changes: ReadonlyArray<Change>, { workspace }: Snapshot): ReadonlyArray<Change> =>
  workspace === null ? changes : changes.filter(({ _tag }) => _tag !== "WorkspaceCreated")

export const testClockMutants: ReadonlyArray<Mutant> = [
  mutant("a workspace has one mode", "forgets that a test workspace is one", (sound) => ({
    decide: decideWith(sound, {
      changes: change("WorkspaceCreated", (item) => ({ ...item, workspace: liveWorkspace }))
    })
  })),
  mutant("a workspace has one mode", "takes an empty decision for a write", (sound) => ({
    decide: decideWith(sound, {
      changes: (changes, { workspace }) =>
        changes.length === 0 && workspace === null
          ? [{ _tag: "WorkspaceCreated", workspace: liveWorkspace }]
          : changes
    })
  })),
  mutant("a workspace has one mode", "keeps the workspace of a decision that it refuses", (sound) => ({
    decide: (scope, rule) =>
      Effect.tapError(sound.decide(scope, rule), () =>
        Effect.ignore(
          sound.decide(scope, () =>
            Result.succeed({
              changes: [{ _tag: "WorkspaceCreated", workspace: liveWorkspace }],
              answer: null
            })
          )
        )
      )
  })),
  mutant("a workspace has one mode", "has no constraint against a second creation", (sound) => ({
    decide: decideWith(sound, { changes: createsAgain })
  })),
  mutant(
    "modes are decided one at a time",
    "decides on a snapshot that another call may overtake",
    (sound) => ({ decide: onStaleSnapshots(sound) })
  ),
  mutant("a test clock only goes forward", "lets its clock run", (sound) => ({
    read: readWith(sound, ticking())
  })),
  mutant("a test clock only goes forward", "has no constraint against a rewind", (sound) => ({
    decide: unconstrained(sound)
  })),
  mutant("a test clock only goes forward", "forgets an advance", (sound) => ({
    decide: decideWith(sound, { changes: change("TestClockAdvanced", drop) })
  })),
  mutant(
    "decisions are made at the test clock",
    "shows the clock to no rule but those of the clock",
    (sound) => ({
      decide: (scope, rule) =>
        Object.keys(scope).length === 1
          ? sound.decide(scope, rule)
          : sound.decide(scope, (snapshot) => rule({ ...snapshot, workspace: liveWorkspace }))
    })
  ),
  mutant("decisions are made at the test clock", "shows a clock that is late by an advance", (sound) => ({
    decide: decideWith(sound, { snapshot: lagging() })
  })),
  mutant("a week passes in one test", "looks for due messages at the real time", (sound) => ({
    decide: (scope, rule) =>
      sound.decide(scope, (snapshot) => {
        const { at } = scope.due ?? { at: Number.POSITIVE_INFINITY }
        const messages = new Map([...snapshot.messages].filter(([, { message }]) => message.dueAt <= at))
        return rule(scope.due === undefined ? snapshot : { ...snapshot, messages })
      })
  })),
  mutant("leases keep real time", "looks for leases that have run out by the clock", (sound) => ({
    decide: (scope, rule) =>
      scope.due === undefined
        ? sound.decide(scope, rule)
        : sound.decide({ ...scope, due: { ...scope.due, at: Number.POSITIVE_INFINITY } }, (snapshot) =>
            rule(freeByClock(snapshot))
          )
  })),
  mutant(
    "claims that name no workspace are live",
    "has test workspaces among those that are due",
    (sound) => {
      const tests = new Set<WorkspaceId>()
      return {
        decide: (scope, rule) =>
          sound.decide(scope, (snapshot) => {
            if (typeof snapshot.workspace?.testClock === "number") tests.add(scope.workspaceId)
            return rule(snapshot)
          }),
        workspacesDue: (at) => Effect.map(sound.workspacesDue(at), (due) => [...due, ...tests])
      }
    }
  )
]
