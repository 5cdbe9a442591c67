/**
 * The use cases of the clock of a test workspace (TC): get, advance. `Workspaces.create` makes the
 * workspace. The clock stands still until `advance` moves it, and every decision in the workspace is
 * made at its time.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Limits from "./model/Limits.ts"
import { Repository } from "./Repository.ts"
import { decodeExactly, decodeRequest, inWorkspace } from "./request.ts"
import { timeOf } from "./rules/parseTime.ts"
import { decideAdvance, readTestClock } from "./rules/testClock.ts"

export type { TestClockAnswer } from "./rules/testClock.ts"

/** A time to advance to, as whole milliseconds; -1 for anything else. */
const millisOf = (value: unknown): number => {
  const time = timeOf(value)
  return time !== undefined && Number.isInteger(time) && time <= Limits.maxTestClock ? time : -1
}

const decodeGet = decodeRequest(Schema.Struct(inWorkspace))
const decodeAdvance = decodeExactly(
  Schema.Struct({
    ...inWorkspace,
    to: Schema.Unknown.check(
      Schema.makeFilter((value: unknown) =>
        millisOf(value) < 0
          ? "must be whole milliseconds since 1970 or an ISO time such as 2025-06-10T15:00:00Z, from 1970 to 9989"
          : undefined
      )
    )
  })
)

/** Returns the time of the test clock. Fails with `NotATestWorkspace`. */
export const get = Effect.fn("TestClock.get")(function* (input: { readonly workspaceId: string }) {
  const repository = yield* Repository
  const { workspaceId } = yield* decodeGet(input)
  return yield* Effect.fromResult(readTestClock(yield* repository.read({ workspaceId })))
})

/**
 * Sets the test clock to a later time, in milliseconds since 1970 or as an ISO time, and returns the
 * time that it has then (TC-2). The time that it has already changes nothing, so that the call may be
 * sent again. Fails with `TestClockIsLater` for an earlier time, and with `NotATestWorkspace`.
 *
 * @example
 * yield* TestClock.advance({ workspaceId: "ws_test", to: "2025-06-13T12:00:00Z" })
 * // { now: 1749816000000 }
 */
export const advance = Effect.fn("TestClock.advance")(function* (input: {
  readonly workspaceId: string
  readonly to: number | string
}) {
  const repository = yield* Repository
  const { to, workspaceId } = yield* decodeAdvance(input)
  const time = millisOf(to)
  return yield* repository.decide({ workspaceId }, (snapshot) => decideAdvance(snapshot, time))
})
