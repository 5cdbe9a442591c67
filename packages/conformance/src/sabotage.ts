/**
 * How to break a store in one way: lenses over the memory store's decide and read, which the mutants are made with.
 */
import { MemoryRepository } from "@leadterra/adapter-memory"
import { type Change, type Lead, Repository, type Rule, type Scope, type Snapshot } from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import type { StoreLayer } from "./Law.ts"

type Store = Repository["Service"]

export interface Mutant {
  /** The name of the law that must catch it. */
  readonly law: string
  /** What is wrong with it, as the rest of "a store that ...". */
  readonly does: string
  readonly layer: StoreLayer
}

export const mutant = (law: string, does: string, break_: (sound: Store) => Partial<Store>): Mutant => ({
  law,
  does,
  layer: Layer.sync(Repository, () => {
    const sound = MemoryRepository.make()
    return { ...sound, ...break_(sound) }
  })
})

/** A decide whose rule sees another snapshot, or whose changes are others. */
export const decideWith =
  (
    sound: Store,
    lens: {
      readonly scope?: (scope: Scope) => Scope
      readonly snapshot?: (snapshot: Snapshot) => Snapshot
      readonly changes?: (changes: ReadonlyArray<Change>, snapshot: Snapshot) => ReadonlyArray<Change>
      readonly answer?: (answer: unknown) => unknown
    }
  ): Store["decide"] =>
  <A, E>(scope: Scope, rule: Rule<A, E>) =>
    sound.decide<A, E>(lens.scope?.(scope) ?? scope, (snapshot) => {
      const seen = lens.snapshot?.(snapshot) ?? snapshot
      return Result.map(rule(seen), (decision) => ({
        changes: lens.changes?.(decision.changes, seen) ?? decision.changes,
        answer: (lens.answer?.(decision.answer) ?? decision.answer) as A
      }))
    })

/** Rewrites the changes of one kind; undefined drops it. */
export const change =
  <T extends Change["_tag"]>(tag: T, rewrite: (change: Extract<Change, { _tag: T }>) => Change | undefined) =>
  (changes: ReadonlyArray<Change>): ReadonlyArray<Change> =>
    changes.flatMap((item) => (is(item, tag) ? (rewrite(item) ?? []) : item))

export const is = <T extends Change["_tag"]>(item: Change, tag: T): item is Extract<Change, { _tag: T }> =>
  item._tag === tag

export const drop = (): undefined => undefined

export const rewriteLeads = (tag: "LeadsCreated" | "LeadsChanged", rewrite: (lead: Lead) => Lead) =>
  change(tag, (item) => ({ ...item, leads: item.leads.map(rewrite) }))

export const readWith =
  (sound: Store, lens: (snapshot: Snapshot) => Snapshot): Store["read"] =>
  (scope) =>
    Effect.map(sound.read(scope), lens)

export const addTo = (snapshot: Snapshot, by: number): Snapshot => ({
  ...snapshot,
  counters: { ...snapshot.counters, enrolled: snapshot.counters.enrolled + by }
})

export const hasOutcomes = (answer: unknown): answer is { readonly outcomes: ReadonlyArray<unknown> } =>
  typeof answer === "object" && answer !== null && "outcomes" in answer && Array.isArray(answer.outcomes)

/** Shifts every due time that a read shows once `trigger` has been seen among the changes. */
export const dueLaterOnce = (sound: Store, trigger: (change: Change) => boolean): Partial<Store> => {
  let late = 0
  return {
    decide: decideWith(sound, {
      changes: (changes) => {
        if (changes.some(trigger)) late = 1
        return changes
      }
    }),
    read: readWith(sound, (snapshot) => ({
      ...snapshot,
      history: new Map(
        [...snapshot.history].map(([key, messages]) => [
          key,
          messages.map((message) => ({ ...message, dueAt: message.dueAt + late }))
        ])
      )
    }))
  }
}

/** Stores each change in a step of its own, and lets others in between. */
export const oneByOne =
  (sound: Store): Store["decide"] =>
  <A, E>(scope: Scope, rule: Rule<A, E>) =>
    Effect.gen(function* () {
      const decision = yield* Effect.fromResult(rule(yield* sound.read(scope)))
      for (const item of decision.changes) {
        yield* Effect.yieldNow
        yield* sound.decide(scope, () => Result.succeed({ changes: [item], answer: null }))
      }
      return decision.answer
    })

/** Decides on a snapshot that another call may overtake. */
export const onStaleSnapshots =
  (sound: Store): Store["decide"] =>
  <A, E>(scope: Scope, rule: Rule<A, E>) =>
    Effect.gen(function* () {
      const stale = yield* sound.read(scope)
      yield* Effect.yieldNow
      return yield* sound.decide(scope, () => rule(stale))
    })

export const ignoreDoubles = (
  changes: ReadonlyArray<Change>,
  { enrolled, leads }: Snapshot
): ReadonlyArray<Change> =>
  changes.map((item) =>
    is(item, "LeadsCreated")
      ? { ...item, leads: item.leads.filter(({ key }) => !leads.has(key)) }
      : is(item, "LeadsEnrolled")
        ? { ...item, keys: item.keys.filter((key) => !enrolled.has(key)) }
        : item
  )

export const spelledKeys = (changes: ReadonlyArray<Change>): ReadonlyArray<Change> => {
  const spelled = new Map<string, Lead["key"]>()
  const asSpelled = (lead: Lead): Lead => ({ ...lead, key: lead.email as Lead["key"] })
  for (const item of changes) {
    if (is(item, "LeadsCreated")) for (const lead of item.leads) spelled.set(lead.key, asSpelled(lead).key)
  }
  return changes.map((item) =>
    is(item, "LeadsCreated")
      ? { ...item, leads: item.leads.map(asSpelled) }
      : is(item, "LeadsEnrolled")
        ? { ...item, keys: item.keys.map((key) => spelled.get(key) ?? key) }
        : item
  )
}
