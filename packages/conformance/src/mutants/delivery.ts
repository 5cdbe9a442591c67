/** Stores that break the laws of delivery, in one way each. */
import { change, decideWith, drop, type Mutant, mutant, readWith } from "../sabotage.ts"

export const deliveryMutants: ReadonlyArray<Mutant> = [
  mutant("step at most once", "forgets that a step was sent", (sound) => ({
    decide: decideWith(sound, { changes: change("EnrollmentsChanged", drop) })
  })),
  mutant("one claim at a time", "hands out what is in hand", (sound) => ({
    decide: decideWith(sound, { changes: change("MessagesLeased", drop) })
  })),
  mutant("what is due is handed out", "keeps the last message to itself", (sound) => ({
    decide: decideWith(sound, {
      snapshot: (snapshot) => ({ ...snapshot, messages: new Map([...snapshot.messages].slice(0, -1)) })
    })
  })),
  mutant("explanations are true", "shows every message as due at once", (sound) => ({
    read: readWith(sound, (snapshot) => ({
      ...snapshot,
      history: new Map(
        [...snapshot.history].map(([key, messages]) => [
          key,
          messages.map((message) => ({ ...message, dueAt: 0, lease: null }))
        ])
      )
    }))
  })),
  mutant("claims respect suppression", "asks the list neither on adding nor at the claim", (sound) => ({
    decide: decideWith(sound, {
      snapshot: (snapshot) => ({ ...snapshot, suppressions: new Map() }),
      changes: change("EnrollmentsEnded", drop)
    })
  })),
  mutant("reports stand alone", "keeps the first report of a call", (sound) => ({
    decide: decideWith(sound, {
      changes: change("MessagesChanged", (item) => ({ ...item, messages: item.messages.slice(0, 1) }))
    })
  }))
]
