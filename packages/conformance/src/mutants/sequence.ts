/** Stores that break the laws of suppression and of the sequence, in one way each. */
import * as Effect from "effect/Effect"
import {
  change,
  decideWith,
  drop,
  dueLaterOnce,
  is,
  type Mutant,
  mutant,
  onStaleSnapshots,
  readWith
} from "../sabotage.ts"

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
  mutant("a draft is renamed", "keeps the name that a campaign was made with", (sound) => ({
    decide: decideWith(sound, {
      changes: (changes, { campaign }) =>
        change("CampaignChanged", (item) => ({
          ...item,
          campaign: { ...item.campaign, name: campaign?.name ?? item.campaign.name }
        }))(changes)
    })
  })),
  mutant("a draft is renamed", "lists campaigns under the names that they were made with", (sound) => {
    const names = new Map<string, string>()
    return {
      decide: decideWith(sound, {
        changes: change("CampaignCreated", (item) => {
          names.set(item.campaign.id, item.campaign.name)
          return item
        })
      }),
      campaigns: (page) =>
        Effect.map(sound.campaigns(page), ({ items, next }) => ({
          items: items.map((item) => ({ ...item, name: names.get(item.id) ?? item.name })),
          next
        }))
    }
  }),
  mutant("a draft is renamed", "loads every campaign as a draft", (sound) => ({
    decide: decideWith(sound, {
      snapshot: ({ campaign, ...snapshot }) => ({
        ...snapshot,
        campaign: campaign === null ? null : { ...campaign, status: "draft" }
      })
    })
  })),
  mutant(
    "one revision takes one change",
    "decides on a snapshot that another call may overtake",
    (sound) => ({
      decide: onStaleSnapshots(sound)
    })
  ),
  mutant("one revision takes one change", "reads steps with another delay than it decides on", (sound) => ({
    read: readWith(sound, ({ campaign, ...snapshot }) => ({
      ...snapshot,
      campaign:
        campaign === null
          ? null
          : { ...campaign, steps: campaign.steps.map((step) => ({ ...step, delayDays: step.delayDays + 1 })) }
    }))
  })),
  mutant("counters equal a recount", "forgets to count down", (sound) => ({
    read: readWith(sound, (snapshot) => ({
      ...snapshot,
      counters: { ...snapshot.counters, active: snapshot.counters.enrolled }
    }))
  }))
]
