/** Stores that break the laws of suppression and of the sequence, in one way each. */
import * as Effect from "effect/Effect"
import { change, decideWith, drop, dueLaterOnce, is, type Mutant, mutant, readWith } from "../sabotage.ts"

export const sequenceMutants: ReadonlyArray<Mutant> = [
  mutant("suppression is complete", "suppresses and lets the enrolments go on", (sound) => ({
    decide: decideWith(sound, { changes: change("EnrollmentsEnded", drop) })
  })),
  mutant("suppression is complete", "does not know domains", (sound) => ({
    decide: decideWith(sound, {
      snapshot: (snapshot) => ({
        ...snapshot,
        suppressions: new Map([...snapshot.suppressions].filter(([entry]) => !entry.startsWith("@")))
      })
    })
  })),
  mutant("suppression is idempotent", "takes the reason that came last", (sound) => ({
    suppressions: (page) =>
      Effect.map(sound.suppressions(page), ({ items, next }) => ({
        items: items.map((item) => ({ ...item, reason: "last" })),
        next
      }))
  })),
  mutant("invalid entries hold up no others", "adds the first entry of a call alone", (sound) => ({
    decide: decideWith(sound, {
      changes: change("SuppressionsAdded", (item) => ({
        ...item,
        suppressions: item.suppressions.slice(0, 1)
      }))
    })
  })),
  mutant("a removal restarts nothing", "keeps on the list what was removed", (sound) => ({
    decide: decideWith(sound, { changes: change("SuppressionsRemoved", drop) })
  })),
  mutant(
    "one pending message per active enrolment",
    "does not queue a lead that joins a running campaign",
    (sound) => ({
      decide: decideWith(sound, { changes: change("LeadsEnrolled", (item) => ({ ...item, dueAt: null })) })
    })
  ),
  mutant("start and enrol commute", "queues later at the start than on enrolment", (sound) => ({
    decide: decideWith(sound, {
      changes: change("FirstStepQueued", (item) => ({ ...item, dueAt: item.dueAt + 1 }))
    })
  })),
  mutant("pause then start is the identity", "queues anew on a resume", (sound) =>
    dueLaterOnce(sound, (item) => is(item, "CampaignChanged") && item.campaign.status === "paused")
  ),
  mutant("start answers what is", "reports ended enrolments as queued", (sound) => ({
    decide: decideWith(sound, {
      snapshot: (snapshot) => {
        const { enrolled } = snapshot.counters
        return { ...snapshot, counters: { ...snapshot.counters, active: enrolled, pending: enrolled } }
      }
    })
  })),
  mutant("counters equal a recount", "forgets to count down", (sound) => ({
    read: readWith(sound, (snapshot) => ({
      ...snapshot,
      counters: { ...snapshot.counters, active: snapshot.counters.enrolled }
    }))
  }))
]
