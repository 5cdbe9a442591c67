/** Stores that break the laws of the port itself, in one way each. */
import type { Lead, Scope } from "@leadterra/core"
import * as Effect from "effect/Effect"
import { decideWith, ignoreDoubles, type Mutant, mutant, oneByOne, onStaleSnapshots } from "../sabotage.ts"

export const storeMutants: ReadonlyArray<Mutant> = [
  mutant("constraints hold below the rules", "ignores what it has already", (sound) => ({
    decide: decideWith(sound, { changes: ignoreDoubles })
  })),
  mutant("atomicity", "stores its changes one by one", (sound) => ({ decide: oneByOne(sound) })),
  mutant("workspaces are isolated", "keeps one list of leads for all", (sound) => {
    const shared = <S extends { readonly workspaceId: Scope["workspaceId"] }>(scope: S): S => ({
      ...scope,
      workspaceId: "all" as Scope["workspaceId"]
    })
    return {
      decide: decideWith(sound, { scope: shared }),
      read: (scope) => sound.read(shared(scope)),
      leads: (page) => sound.leads(shared(page)),
      campaigns: (page) => sound.campaigns(shared(page)),
      suppressions: (page) => sound.suppressions(shared(page)),
      events: (page) => sound.events(shared(page))
    }
  }),
  mutant(
    "concurrent batches equal some serial order",
    "decides on a snapshot that another call may overtake",
    (sound) => ({ decide: onStaleSnapshots(sound) })
  ),
  mutant(
    "any interleaving is some serial order",
    "decides on a snapshot that another call may overtake",
    (sound) => ({ decide: onStaleSnapshots(sound) })
  ),
  mutant("any interleaving is some serial order", "lets another call in between its changes", (sound) => ({
    decide: oneByOne(sound)
  })),
  mutant("lists are complete", "skips a lead between two pages", (sound) => ({
    leads: (page) =>
      Effect.map(sound.leads(page), ({ items, next }) => ({
        items: next === null ? items : items.slice(0, -1),
        next
      }))
  })),
  mutant("an id names one lead", "keeps leads by their ids, whatever becomes of them", (sound) => {
    const kept = new Map<string, Lead>()
    return {
      read: (scope) =>
        Effect.map(sound.read(scope), (snapshot) => {
          for (const lead of snapshot.leads.values()) kept.set(lead.id, lead)
          const leads = new Map(snapshot.leads)
          for (const id of scope.leadIds ?? []) {
            const lead = kept.get(id)
            if (lead !== undefined) leads.set(lead.key, lead)
          }
          return { ...snapshot, leads }
        })
    }
  }),
  mutant("an id names one lead", "does not know who of those it finds by ids is enrolled", (sound) => ({
    read: (scope) =>
      Effect.map(sound.read(scope), (snapshot) =>
        scope.leadIds === undefined ? snapshot : { ...snapshot, enrolled: new Set() }
      )
  })),
  mutant("what is handed out is not the store", "hands out the very leads that it keeps", (sound) => {
    const kept = new Map<string, Lead>()
    return {
      leads: (page) =>
        Effect.map(sound.leads(page), ({ items, next }) => ({
          items: items.map((lead) => {
            const own = kept.get(lead.id) ?? { ...lead }
            kept.set(lead.id, own)
            return own
          }),
          next
        }))
    }
  }),
  mutant("agreement with the model", "lists leads in the order of their addresses", (sound) => ({
    leads: (page) =>
      Effect.map(sound.leads(page), ({ items, next }) => ({
        items: items.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
        next
      }))
  }))
]
