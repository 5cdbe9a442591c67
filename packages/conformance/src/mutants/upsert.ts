/** Stores that break the laws of the bulk upsert, in one way each. */
import type { Campaign, Snapshot } from "@leadterra/core"
import * as Effect from "effect/Effect"
import {
  addTo,
  change,
  decideWith,
  dueLaterOnce,
  hasOutcomes,
  type Mutant,
  mutant,
  onStaleSnapshots,
  readWith,
  rewriteLeads,
  spelledKeys
} from "../sabotage.ts"

export const upsertMutants: ReadonlyArray<Mutant> = [
  mutant("idempotent upsert", "counts a lead again each time that it comes", (sound) => {
    let seen = 0
    return {
      decide: decideWith(sound, {
        changes: (changes, { enrolled }) => {
          seen += enrolled.size
          return changes
        }
      }),
      read: readWith(sound, (snapshot) => addTo(snapshot, seen))
    }
  }),
  mutant("chunking", "keeps only the first change of a batch", (sound) => ({
    decide: decideWith(sound, {
      changes: change("LeadsChanged", (item) => ({ ...item, leads: item.leads.slice(0, 1) }))
    })
  })),
  mutant("conservation of rows", "loses the last outcome of a report", (sound) => ({
    decide: decideWith(sound, {
      answer: (answer) =>
        hasOutcomes(answer) ? { ...answer, outcomes: answer.outcomes.slice(0, -1) } : answer
    })
  })),
  mutant("outcomes follow from the state", "forgets which leads it has enrolled", (sound) => ({
    decide: decideWith(sound, {
      answer: (answer) =>
        hasOutcomes(answer)
          ? { ...answer, outcomes: answer.outcomes.map((row) => ({ ...Object(row), outcome: "enrolled" })) }
          : answer
    })
  })),
  mutant("a batch lands at its revision alone", "decides on a snapshot that others overtake", (sound) => ({
    decide: onStaleSnapshots(sound)
  })),
  mutant("a batch lands at its revision alone", "shows a batch the campaign as it first was", (sound) => {
    const first = new Map<string, Campaign>()
    const shown = (snapshot: Snapshot): Snapshot => {
      if (snapshot.campaign === null) return snapshot
      const campaign = first.get(snapshot.campaign.id) ?? snapshot.campaign
      first.set(campaign.id, campaign)
      return { ...snapshot, campaign }
    }
    return {
      decide: (scope, rule) =>
        sound.decide(scope, scope.addresses === undefined ? rule : (snapshot) => rule(shown(snapshot)))
    }
  }),
  mutant("one record per key", "keys a lead by the spelling of its address", (sound) => ({
    decide: decideWith(sound, { changes: spelledKeys })
  })),
  mutant("last writer wins", "clears the company of a lead that is updated", (sound) => ({
    decide: decideWith(sound, {
      changes: rewriteLeads("LeadsChanged", (lead) => ({ ...lead, company: null }))
    })
  })),
  mutant("position never moves by an upsert", "queues an updated lead again, later", (sound) =>
    dueLaterOnce(sound, ({ _tag }) => _tag === "LeadsChanged")
  ),
  mutant("what is left out changes nothing", "enrols without asking the suppression list", (sound) => ({
    decide: decideWith(sound, { snapshot: (snapshot) => ({ ...snapshot, suppressions: new Map() }) })
  })),
  mutant("reject writes nothing", "counts a batch that was rejected", (sound) => {
    let rejected = 0
    return {
      decide: (scope, rule) =>
        Effect.tapError(sound.decide(scope, rule), () => Effect.sync(() => rejected++)),
      read: readWith(sound, (snapshot) => addTo(snapshot, rejected))
    }
  }),
  mutant("preview equals commit", "reads counters that are out of date", (sound) => ({
    read: readWith(sound, (snapshot) => addTo(snapshot, -snapshot.counters.enrolled))
  })),
  mutant("a lead stays within its size", "loads a lead without its custom fields", (sound) => ({
    decide: decideWith(sound, {
      snapshot: (snapshot) => ({
        ...snapshot,
        leads: new Map([...snapshot.leads].map(([key, lead]) => [key, { ...lead, customFields: {} }]))
      })
    })
  })),
  mutant("odd but legal rows round-trip", "keeps every custom field as text", (sound) => ({
    decide: decideWith(sound, {
      changes: rewriteLeads("LeadsCreated", (lead) => ({
        ...lead,
        customFields: Object.fromEntries(
          Object.entries(lead.customFields).map(([name, value]) => [name, String(value)])
        )
      }))
    })
  })),
  mutant("odd but legal rows round-trip", "assigns a field named __proto__", (sound) => ({
    decide: decideWith(sound, {
      changes: rewriteLeads("LeadsCreated", (lead) => {
        const { ["__proto__"]: lost, ...customFields } = lead.customFields
        return lost === undefined ? lead : { ...lead, customFields }
      })
    })
  }))
]
