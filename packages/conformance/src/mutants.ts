/**
 * Stores that are broken in one way each, made from the memory store. A law that does not catch its mutant asserts
 * nothing: the suite runs every mutant against the law that it names.
 */
import type { Change, Happening, Lead, RepositoryError, Rule, Scope } from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import {
  addTo,
  change,
  decideWith,
  drop,
  dueLaterOnce,
  hasOutcomes,
  ignoreDoubles,
  is,
  type Mutant,
  mutant,
  oneByOne,
  readWith,
  rewriteLeads,
  spelledKeys
} from "./sabotage.ts"

export const mutants: ReadonlyArray<Mutant> = [
  mutant("idempotent upsert", "counts a lead again each time that it comes", (sound) => {
    let seen = 0
    return {
      decide: decideWith(sound, {
        changes: (changes, { enrollments }) => {
          seen += enrollments.size
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
  })),
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
  })),
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
  })),
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
  })),
  mutant("erasure forgets the person", "keeps the record of who is erased", (sound) => ({
    decide: decideWith(sound, { changes: change("LeadErased", drop) })
  })),
  mutant("erasure forgets the person", "forgets that somebody was erased", (sound) => ({
    decide: decideWith(sound, { changes: change("AddressForgotten", drop) })
  })),
  mutant("erasure forgets the person", "keeps the fields of who is erased", (sound) => ({
    decide: decideWith(sound, {
      changes: (changes, { leads }) =>
        change("LeadErased", (item) => ({
          ...item,
          nobody: { ...item.nobody, company: leads.get(item.key)?.company ?? null }
        }))(changes)
    })
  })),
  mutant("erasure forgets the person", "puts the address itself on the list", (sound) => ({
    decide: decideWith(sound, {
      changes: change("AddressForgotten", ({ key, suppressedAt }) => ({
        _tag: "SuppressionsAdded",
        suppressions: [{ entry: key, reason: "erased", suppressedAt }]
      }))
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
  mutant("events have one order", "skips an event between two pages", (sound) => ({
    events: (page) => sound.events({ ...page, after: page.after === null ? null : page.after + 1 })
  })),
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
    (sound) => ({
      decide: <A, E>(scope: Scope, rule: Rule<A, E>): Effect.Effect<A, E | RepositoryError> =>
        Effect.gen(function* () {
          const stale = yield* sound.read(scope)
          yield* Effect.yieldNow
          return yield* sound.decide(scope, () => rule(stale))
        })
    })
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
