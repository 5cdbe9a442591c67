/** Stores that break the laws of idempotency keys and imports, in one way each. */
import type { Change } from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { change, decideWith, drop, hasOutcomes, type Mutant, mutant } from "../sabotage.ts"

export const importingMutants: ReadonlyArray<Mutant> = [
  mutant("a key lands once", "remembers no answer", (sound) => ({
    decide: decideWith(sound, { changes: change("IdempotencyRecorded", drop) })
  })),
  mutant("a key lands once", "remembers an answer for ever", (sound) => ({
    decide: decideWith(sound, {
      snapshot: ({ idempotency, ...snapshot }) => ({
        ...snapshot,
        idempotency: idempotency === null ? null : { ...idempotency, keptAt: Number.MAX_SAFE_INTEGER }
      })
    })
  })),
  mutant(
    "a key lands once",
    "gives every record back under the fingerprint that it is asked for",
    (sound) => ({
      decide: (scope, rule) =>
        decideWith(sound, {
          snapshot: ({ idempotency, ...snapshot }) => {
            const { fingerprint } = scope.idempotency ?? {}
            const isFound = idempotency !== null && fingerprint !== undefined
            return { ...snapshot, idempotency: isFound ? { ...idempotency, fingerprint } : idempotency }
          }
        })(scope, rule)
    })
  ),
  mutant("a key lands once", "gives a record back under a fingerprint of its own", (sound) => ({
    decide: decideWith(sound, {
      snapshot: ({ idempotency, ...snapshot }) => ({
        ...snapshot,
        idempotency: idempotency === null ? null : { ...idempotency, fingerprint: "the store's own" }
      })
    })
  })),
  mutant("a key lands once", "never says that a report is replayed", (sound) => ({
    decide: decideWith(sound, {
      answer: (answer) =>
        hasOutcomes(answer)
          ? Object.fromEntries(Object.entries(answer).filter(([name]) => name !== "replayed"))
          : answer
    })
  })),
  mutant("a key lands once", "says of every report that it is replayed", (sound) => ({
    decide: decideWith(sound, {
      answer: (answer) => (hasOutcomes(answer) ? { ...answer, replayed: true } : answer)
    })
  })),
  mutant("a refused batch uses up no key", "remembers a key when it is asked for it", (sound) => ({
    decide: (scope, rule) => {
      const { idempotency } = scope
      if (idempotency === undefined) return sound.decide(scope, rule)
      const record = {
        key: idempotency.key,
        fingerprint: "none",
        answer: "",
        keptAt: Number.MAX_SAFE_INTEGER
      }
      const asked: Change = { _tag: "IdempotencyRecorded", record, forgetUpTo: 0 }
      return Effect.tapError(sound.decide(scope, rule), () =>
        sound.decide(scope, () => Result.succeed({ changes: [asked], answer: null }))
      )
    }
  })),
  mutant("an import ends as undisturbed", "loses a batch that comes while many are enrolled", (sound) => ({
    decide: decideWith(sound, {
      changes: (changes, { counters }) => (counters.enrolled > 2 ? [] : changes)
    })
  }))
]
