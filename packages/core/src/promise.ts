/**
 * `@leadterra/core/promise`: the same use cases for hosts that do not use Effect. Arguments and
 * answers are the same; a failure rejects with the tagged error itself, so that `instanceof` and
 * `_tag` both work. A call that its signal ends rejects with the signal's reason; like every
 * interruption it leaves all of an atomic step or none. Calls give the event loop its turns, so that
 * timers and sockets are served also while a loop awaits one call after the other, those that fail
 * at once among them.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Result from "effect/Result"
import * as Scheduler from "effect/Scheduler"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Campaigns from "./Campaigns.ts"
import * as Delivery from "./Delivery.ts"
import * as Events from "./Events.ts"
import * as Leads from "./Leads.ts"
import { InvalidRequest } from "./model/Errors.ts"
import type { Repository } from "./Repository.ts"
import * as Suppression from "./Suppression.ts"
import * as TestClock from "./TestClock.ts"
import { makeTurns } from "./turns.ts"
import * as Tokens from "./Unsubscribe.ts"
import * as Workspaces from "./Workspaces.ts"

const ownTurns = makeTurns(new Scheduler.MixedScheduler())

/** Runs a call that needs no engine. */
const runAlone = <A, E>(call: Effect.Effect<A, E>): Promise<A> =>
  Effect.runPromise(Effect.andThen(ownTurns.begin, call), { scheduler: ownTurns.scheduler })

/** Tokens for unsubscribe links, as promises (UN-1). They need no store and no engine. */
export const Unsubscribe = {
  /** Signs a token for the unsubscribe link of one message. Rejects with `InvalidRequest`. */
  sign: (input: Parameters<typeof Tokens.sign>[0]) => runAlone(Tokens.sign(input)),
  /** Returns the id of the message of a token. Rejects with `InvalidToken` and `InvalidRequest`. */
  verify: (input: Parameters<typeof Tokens.verify>[0]) => runAlone(Tokens.verify(input))
} as const

/** A call after `close()`. */
export class EngineClosed extends Schema.TaggedError<EngineClosed>()("EngineClosed", {}) {
  override get message(): string {
    return "The engine is closed: open another one"
  }
}

/** The options of a call beside its argument. A signal that is none rejects with `InvalidRequest`. */
export interface CallOptions {
  readonly signal?: AbortSignal | null | undefined
}

const noSignal = new InvalidRequest({
  issues: [{ path: "signal", message: "signal must be an AbortSignal" }]
})

/** Reads the signal of a call once. Throws `InvalidRequest` for anything else. */
const signalOf = (options: CallOptions | null | undefined): AbortSignal | undefined => {
  let signal: unknown
  try {
    signal = options?.signal
  } catch {
    throw noSignal
  }
  if (signal === undefined || signal === null) return undefined
  if (signal instanceof AbortSignal) return signal
  throw noSignal
}

/**
 * Opens a store and gives the use cases on it. Rejects with the store's own error when it cannot be opened.
 *
 * @example const engine = await open(SqliteRepository.layer({ filename: "leads.db" }))
 */
export const open = async <E>(store: Layer.Layer<Repository, E>) => {
  const runtime = ManagedRuntime.make(store)
  const closing = new AbortController()
  const throwIfEnded = (signal?: AbortSignal): void => {
    signal?.throwIfAborted()
    if (closing.signal.aborted) throw new EngineClosed()
  }
  const context = await runtime.context()
  const { begin, scheduler } = makeTurns(Context.get(context, Scheduler.Scheduler))
  const inTurn = Effect.tap(begin, () =>
    closing.signal.aborted ? Effect.fail(new EngineClosed()) : Effect.void
  )

  const turn = (): Promise<void> => Effect.runPromise(begin, { scheduler })
  const isEnded = (signal: AbortSignal | undefined): boolean =>
    closing.signal.aborted || signal?.aborted === true

  const promised =
    <I, A, F>(useCase: (input: I) => Effect.Effect<A, F, Repository>) =>
    async (input: I, options?: CallOptions | null): Promise<A> => {
      const signal = signalOf(options)
      // A loop may try again and again after its signal or the close.
      if (isEnded(signal)) await turn()
      throwIfEnded(signal)
      const call = Effect.andThen(inTurn, useCase(input))
      const exit = await runtime.runPromiseExit(
        call,
        signal === undefined ? { scheduler } : { scheduler, signal }
      )
      if (Exit.isSuccess(exit)) return exit.value
      if (Cause.hasInterruptsOnly(exit.cause)) throwIfEnded(signal)
      throw Cause.squash(exit.cause)
    }

  /**
   * A stream as an async iterable. Each loop begins anew, and may be left at any time, also while it waits; after the signal or
   * `close()` it is given no more.
   */
  const iterated =
    <I, A, F>(useCase: (input: I) => Stream.Stream<A, F, Repository>) =>
    (input: I, options?: CallOptions | null): AsyncIterable<A> => {
      const given = Result.try({ try: () => signalOf(options), catch: () => noSignal })
      const signal = Result.getOrUndefined(given)
      const end = signal === undefined ? closing.signal : AbortSignal.any([closing.signal, signal])
      const stream = Stream.suspend(() => useCase(input))
      return {
        [Symbol.asyncIterator]: () => {
          let inner: Promise<AsyncIterator<A>> | undefined
          let last: Promise<unknown> = Promise.resolve()
          let isLeft = false
          const begun = async () => {
            const context = Context.add(await runtime.context(), Scheduler.Scheduler, scheduler)
            await turn()
            const stop = () => void iterator.return?.().catch(() => {})
            const stopped = Effect.sync(() => end.removeEventListener("abort", stop))
            const iterable = Stream.toAsyncIterableWith(Stream.ensuring(stream, stopped), context)
            const iterator = iterable[Symbol.asyncIterator]()
            end.addEventListener("abort", stop, { once: true })
            return iterator
          }
          const take = async (): Promise<IteratorResult<A>> => {
            if (Result.isFailure(given)) throw given.failure
            if (isEnded(signal)) await turn()
            throwIfEnded(signal)
            if (isLeft) return { done: true, value: undefined }
            inner ??= begun()
            const iterator = await inner
            throwIfEnded(signal)
            const result = await iterator.next()
            throwIfEnded(signal)
            return result
          }
          return {
            // One after the other, also when they are asked for at once.
            next: () => {
              const taken = last.then(take)
              last = taken.catch(() => {})
              return taken
            },
            return: async () => {
              isLeft = true
              await (await inner)?.return?.()
              return { done: true, value: undefined }
            }
          }
        }
      }
    }

  /** Closes the store; every later call rejects with `EngineClosed`. Closing twice is closing once. */
  const close = (): Promise<void> => {
    closing.abort()
    return runtime.dispose()
  }

  return {
    campaigns: {
      create: promised(Campaigns.create),
      get: promised(Campaigns.get),
      list: promised(Campaigns.list),
      update: promised(Campaigns.update),
      replaceSteps: promised(Campaigns.replaceSteps),
      start: promised(Campaigns.start),
      pause: promised(Campaigns.pause),
      stats: promised(Campaigns.stats)
    },
    leads: {
      bulkUpsert: promised(Leads.bulkUpsert),
      preview: promised(Leads.preview),
      importAll: promised((input: Leads.ImportInput) => Leads.importAll(input)),
      importStream: iterated((input: Leads.ImportInput) => Leads.importStream(input)),
      enrolled: iterated(Leads.enrolled),
      get: promised(Leads.get),
      getById: promised(Leads.getById),
      list: promised(Leads.list),
      enrollment: promised(Leads.enrollment),
      explain: promised(Leads.explain),
      erase: promised(Leads.erase)
    },
    delivery: {
      claim: promised(Delivery.claim),
      record: promised(Delivery.record),
      release: promised(Delivery.release),
      extend: promised(Delivery.extend)
    },
    suppression: {
      add: promised(Suppression.add),
      check: promised(Suppression.check),
      list: promised(Suppression.list),
      remove: promised(Suppression.remove)
    },
    events: {
      read: promised(Events.read),
      last: promised(Events.last),
      stream: iterated(Events.stream)
    },
    workspaces: {
      create: promised(Workspaces.create)
    },
    testClock: {
      get: promised(TestClock.get),
      advance: promised(TestClock.advance)
    },
    close,
    [Symbol.asyncDispose]: close
  }
}

/** The use cases on one open store. */
export type Engine = Awaited<ReturnType<typeof open>>
