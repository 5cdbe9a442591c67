/**
 * What the members of a crew, each a process of its own, do to one file: calls that anyone can make again from a seed, a
 * member's number and the number of its call. The people overlap, so that the order of the calls shows in answers and state.
 */
import { createHash } from "node:crypto"
import { at, given, noon } from "@leadterra/conformance"
import { Campaigns, Delivery, Ids, Leads, type Repository, Suppression } from "@leadterra/core"
import * as Effect from "effect/Effect"
import fc from "fast-check"

export interface Plan {
  readonly seed: number
  /** How many rows each batch has besides those of the crowd. */
  readonly size: number
  /** Only calls that leave a trace, so that the file tells which of them landed. */
  readonly traced: boolean
}

export interface Ref {
  readonly workspaceId: string
  readonly campaignId: string
}

/** The address that this call alone brings. */
export const traceOf = (member: number, call: number): string => `trace-${member}-${call}@example.org`

const kinds = [
  "upsert",
  "upsert",
  "upsert",
  "claim",
  "claim",
  "report",
  "report",
  "suppress",
  "lift",
  "start",
  "pause"
] as const
interface Drawn {
  readonly kind: (typeof kinds)[number]
  readonly rows: ReadonlyArray<object>
  readonly entries: ReadonlyArray<string>
  readonly facts: ReadonlyArray<{ readonly email: string; readonly step: number; readonly report: object }>
  readonly time: number
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  kind: fc.constantFrom(...kinds),
  rows: given.validRows,
  entries: given.entries,
  facts: fc.array(fc.record({ email: given.spelling, step: fc.nat({ max: 1 }), report: given.report }), {
    minLength: 1,
    maxLength: 3
  }),
  /** The clocks of two calls need not agree, nor go forward. */
  time: fc.constantFrom(0, 0, 1_000, 301_000, 86_400_000, -3_600_000)
})

/** Reports of messages to the crowd, who are leads from the start; who reports has claimed none of them. */
const report = Effect.fnUntraced(function* (
  { campaignId, workspaceId }: Ref,
  facts: ReadonlyArray<{ readonly email: string; readonly step: number; readonly report: object }>
) {
  const reports: Array<object> = []
  for (const { email, report, step } of facts) {
    const { id } = yield* Leads.get({ workspaceId, email })
    const messageId = Ids.messageId(
      Ids.WorkspaceId.make(workspaceId),
      Ids.CampaignId.make(campaignId),
      id,
      step
    )
    // With its time told, a report may be no report, and the call no decision.
    reports.push({ claimToken: "claim_none", ...report, at: undefined, messageId })
  }
  return yield* Delivery.record({ reports: reports as ReadonlyArray<Delivery.Report> })
})

/** A member's call, which is one decision. */
const callOf = (
  { size, traced }: Plan,
  member: number,
  call: number,
  ref: Ref,
  { entries, facts, kind, rows }: Drawn
): Effect.Effect<unknown, unknown, Repository> => {
  const { workspaceId } = ref
  const trace = traceOf(member, call)
  if (kind === "upsert") {
    const plan = `${member}.${call}`
    const filler = Array.from({ length: size }, (_, i) => ({ email: `lead${i}@example.net`, plan }))
    return Leads.bulkUpsert({ ...ref, leads: [...rows, ...filler, { email: trace }] })
  }
  if (kind === "suppress" || traced) return Suppression.add({ workspaceId, entries: [...entries, trace] })
  if (kind === "claim") return Delivery.claim({ workspaceId, limit: 3 })
  if (kind === "report") return report(ref, facts)
  if (kind === "lift") return Suppression.remove({ workspaceId, entries, actor: "crew" })
  return kind === "start" ? Campaigns.start(ref) : Campaigns.pause(ref)
}

/** Draws a call and makes it, at a time of its own. A failure of the use case is an answer too. */
const make = (
  plan: Plan,
  member: number,
  call: number,
  ref: Ref
): Effect.Effect<unknown, unknown, Repository> => {
  const [found] = fc.sample(drawn, { seed: plan.seed + member * 100_003 + call, numRuns: 1 })
  return found === undefined
    ? Effect.die("a sample of one has one")
    : callOf(plan, member, call, ref, found).pipe(at(noon + found.time))
}

/** Makes a call and gives a digest of how it ended, ids left out. */
export const perform = (
  plan: Plan,
  member: number,
  call: number,
  ref: Ref
): Effect.Effect<string, never, Repository> =>
  make(plan, member, call, ref).pipe(
    Effect.match({ onSuccess: (answer) => ({ answer }), onFailure: (error) => ({ error }) }),
    Effect.map((ended) =>
      createHash("sha256")
        .update(JSON.stringify(ended).replace(/[0-9A-HJKMNP-TV-Z]{26}/g, "ULID"))
        .digest("base64url")
        .slice(0, 12)
    )
  )
