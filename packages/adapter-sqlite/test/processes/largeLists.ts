/** Reads or imports large data in a process with a small heap, and prints how much there was. */
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import { Campaigns, Events, Leads, type Repository } from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

const [, , what = "", filename = ""] = process.argv
const workspaceId = "w"

interface Listed {
  readonly items: ReadonlyArray<unknown>
  readonly next: string | null
}

const count = Effect.fnUntraced(function* <E, R>(
  page: (after: string | null) => Effect.Effect<Listed, E, R>
) {
  let items = 0
  let after: string | null = null
  do {
    const read: Listed = yield* page(after)
    items += read.items.length
    after = read.next
  } while (after !== null)
  return items
})

/** Rows of a megabyte each, no two alike. */
function* largeRows(rows: number) {
  for (let row = 0; row < rows; row++)
    yield { email: `large${row}@example.com`, notes: Buffer.alloc(1_000_000, `${row} `).toString("latin1") }
}

const draft = Effect.map(Campaigns.list({ workspaceId, limit: 1 }), ({ items }) => ({
  workspaceId,
  campaignId: items[0]?.id ?? ""
}))

const tasks: Readonly<Record<string, Effect.Effect<number, unknown, Repository>>> = {
  events: count((after) =>
    Effect.map(Events.read({ workspaceId, after, limit: 1_000 }), ({ items, more, next }) => ({
      items,
      next: more ? next : null
    }))
  ),
  followed: Stream.runCount(Events.stream({ workspaceId, limit: 1_000 })),
  campaigns: count((after) => Campaigns.list({ workspaceId, after, limit: 1_000 })),
  leads: count((after) => Leads.list({ workspaceId, after, limit: 1_000 })),
  enrolled: Effect.flatMap(draft, (ref) => Stream.runCount(Leads.enrolled(ref))),
  imported: Effect.flatMap(draft, (ref) =>
    Effect.map(Leads.importAll({ ...ref, leads: largeRows(300) }), ({ failed }) => failed)
  )
}

const task = tasks[what]
if (task === undefined) throw new Error(`no task is named ${what}`)
process.stdout.write(
  String(await Effect.runPromise(Effect.provide(task, SqliteRepository.layer({ filename }))))
)
