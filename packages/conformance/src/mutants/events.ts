/** Stores that break the laws of erasure and events, in one way each. */
import type { Happening, Ids } from "@leadterra/core"
import * as Effect from "effect/Effect"
import { change, decideWith, drop, type Mutant, mutant } from "../sabotage.ts"

export const eventsMutants: ReadonlyArray<Mutant> = [
  mutant("erasure forgets the person", "keeps the record of who is erased", (sound) => ({
    decide: decideWith(sound, { changes: change("LeadsErased", drop) })
  })),
  mutant("erasure forgets the person", "forgets that somebody was erased", (sound) => ({
    decide: decideWith(sound, { changes: change("AddressesForgotten", drop) })
  })),
  mutant("erasure forgets the person", "keeps the fields of who is erased", (sound) => ({
    decide: decideWith(sound, {
      changes: (changes, { leads }) =>
        change("LeadsErased", (item) => ({
          ...item,
          leads: item.leads.map(({ anonymised, key }) => ({
            key,
            anonymised: { ...anonymised, company: leads.get(key)?.company ?? null }
          }))
        }))(changes)
    })
  })),
  mutant("erasure forgets the person", "puts the address itself on the list", (sound) => ({
    decide: decideWith(sound, {
      changes: change("AddressesForgotten", ({ keys, suppressedAt }) => ({
        _tag: "SuppressionsAdded",
        suppressions: keys.map((entry) => ({ entry, reason: "erased", suppressedAt }))
      }))
    })
  })),
  mutant("erasing many is erasing each", "erases the first lead of a call alone", (sound) => ({
    decide: decideWith(sound, {
      changes: change("LeadsErased", (item) => ({ ...item, leads: item.leads.slice(0, 1) }))
    })
  })),
  mutant("erasing many is erasing each", "suppresses the first address of a call alone", (sound) => ({
    decide: decideWith(sound, {
      changes: change("AddressesForgotten", (item) => ({ ...item, keys: item.keys.slice(0, 1) }))
    })
  })),
  mutant("erasing many is erasing each", "ends the enrolments of the first address alone", (sound) => ({
    decide: decideWith(sound, {
      changes: change("EnrollmentsEnded", (item) => ({ ...item, entries: item.entries.slice(0, 1) }))
    })
  })),
  mutant("events tell what happened", "loses the last event of a decision", (sound) => ({
    decide: decideWith(sound, {
      changes: change("EventsRecorded", (item) => ({ ...item, events: item.events.slice(0, -1) }))
    })
  })),
  mutant("events tell what happened", "does not tell of what it ends set-wide", (sound) => ({
    events: (page) =>
      Effect.map(sound.events(page), ({ items, next }) => ({
        items: items.filter(({ kind }) => kind !== "enrollment.ended"),
        next
      }))
  })),
  mutant("events tell what happened", "tells of a decision twice", (sound) => ({
    decide: decideWith(sound, {
      changes: change("EventsRecorded", (item) => ({ ...item, events: [...item.events, ...item.events] }))
    })
  })),
  mutant("only a change is an update", "tells of every lead that came as updated", (sound) => ({
    decide: decideWith(sound, {
      changes: change("EventsRecorded", (item) => {
        const updates = item.events.flatMap(
          (event): ReadonlyArray<Happening> =>
            event.kind === "lead.enrolled" ? [{ ...event, kind: "lead.updated" }] : []
        )
        return { ...item, events: [...item.events, ...updates] }
      })
    })
  })),
  mutant("a removal restarts nothing", "does not tell of what leaves the suppression list", (sound) => ({
    decide: decideWith(sound, {
      changes: change("EventsRecorded", (item) => ({
        ...item,
        events: item.events.filter(({ kind }) => kind !== "suppression.removed")
      }))
    })
  })),
  mutant("only a change is an update", "writes every lead that came", (sound) => ({
    decide: decideWith(sound, {
      changes: (changes, { leads }) => [
        { _tag: "LeadsChanged", leads: Array.from(leads.values(), (lead) => ({ ...lead, updatedAt: 0 })) },
        ...changes
      ]
    })
  })),
  mutant("events have one order", "skips an event between two pages", (sound) => ({
    events: (page) => sound.events({ ...page, after: page.after === null ? null : page.after + 1 })
  })),
  mutant("events have one order", "loses the last event once it was read", (sound) => {
    let lost = 0
    return {
      events: (page) =>
        Effect.map(sound.events(page), ({ items, next }) => {
          const kept = items.filter(({ sequence }) => sequence !== lost)
          if (lost === 0 && next === null && items.length > 1) lost = items.at(-1)?.sequence ?? 0
          return { items: kept, next }
        })
    }
  }),
  mutant("a cursor names one event", "shows the events of one workspace in every other", (sound) => {
    let first: Ids.WorkspaceId | undefined
    return {
      events: (page) => {
        first ??= page.workspaceId
        return sound.events({ ...page, workspaceId: first })
      }
    }
  })
]
