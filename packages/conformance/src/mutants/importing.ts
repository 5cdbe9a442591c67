/** Stores that break the laws of idempotency keys and imports, in one way each. */
import type { Change } from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { change, decideWith, drop, type Mutant, mutant } from "../sabotage.ts"

export const importingMutants: ReadonlyArray<Mutant> = [
  mutant("a key lands once", "remembers no answer", (sound) => ({
    decide: decideWith(sound, { changes: change("AnswerRemembered", drop) })
  })),
  mutant("a key lands once", "remembers an answer for ever", (sound) => ({
    decide: decideWith(sound, {
      snapshot: ({ remembered, ...snapshot }) => ({
        ...snapshot,
        remembered: remembered === null ? null : { ...remembered, keptAt: Number.MAX_SAFE_INTEGER }
      })
    })
  })),
  mutant("a key lands once", "knows one key only", (sound) => ({
    decide: decideWith(sound, {
      snapshot: ({ remembered, ...snapshot }) => ({
        ...snapshot,
        remembered: remembered === null ? null : { ...remembered, fingerprint: "the same" }
      })
    })
  })),
  mutant("a refused batch uses up no key", "remembers a key when it is asked for it", (sound) => ({
    decide: (scope, rule) => {
      const { idempotencyKey: key } = scope
      if (key === undefined) return sound.decide(scope, rule)
      const record = { key, fingerprint: "none", answer: "", keptAt: Number.MAX_SAFE_INTEGER }
      const asked: Change = { _tag: "AnswerRemembered", record, forgetUpTo: 0 }
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
