/**
 * The use case for exports: enrolled, all leads of a campaign with where each stands, as a stream of any length. It is read
 * page by page, each page as it stands at its moment, so what is written meanwhile may be in it or not; nothing is in it twice.
 * The event loop gets a turn between two pages.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Enrollment } from "./model/Enrollment.ts"
import { CampaignNotFound } from "./model/Errors.ts"
import type { Lead } from "./model/Lead.ts"
import * as Limits from "./model/Limits.ts"
import type { Message } from "./model/Message.ts"
import { pageByBytes, type SizedList } from "./pageByBytes.ts"
import { type Page, Repository, type RepositoryError } from "./Repository.ts"
import { type CampaignRef, parseCampaignRef } from "./request.ts"
import { leadBytes } from "./rules/leadSize.ts"

/** A lead, its enrolment, and the message that this waits for, null when there is none (SQ-2). */
export interface EnrolledLead {
  readonly lead: Lead
  readonly enrollment: Enrollment
  readonly pending: Message | null
}

/** About what a message holds: a lead is read with those of all its steps. */
const messageBytes = 500

/**
 * The leads of a campaign in the order in which their records were made, without those erased. Fails with
 * `CampaignNotFound`.
 */
export const enrolled = (input: CampaignRef) =>
  Stream.unwrap(
    Effect.gen(function* () {
      const repository = yield* Repository
      const ref = yield* parseCampaignRef(input)
      const { campaign } = yield* repository.read(ref)
      if (campaign === null) return yield* new CampaignNotFound({ campaignId: ref.campaignId })
      const historyBytes = campaign.steps.length * messageBytes
      const leads: SizedList<Lead, string, RepositoryError, never> = {
        read: (after, limit) => repository.leads({ ...ref, after, limit }),
        cursorOf: ({ id }) => id,
        bytesOf: (lead) => leadBytes(lead) + historyBytes,
        mostBytes: Limits.maxLeadBytes + historyBytes
      }
      const pageAfter = Effect.fnUntraced(function* (after: string | null) {
        if (after !== null) yield* Effect.yieldNow
        const page: Page<Lead> = yield* pageByBytes(leads, after, Limits.maxPageSize)
        const addresses = page.items.map(({ key }) => key)
        const { enrollments, history } = yield* repository.read({ ...ref, addresses, history: true })
        const items = page.items.flatMap((lead): ReadonlyArray<EnrolledLead> => {
          const enrollment = enrollments.get(lead.key)
          // Erased between the two reads.
          if (enrollment === undefined) return []
          const pending = history.get(lead.key)?.find(({ state }) => state === "pending") ?? null
          return [{ lead, enrollment, pending }]
        })
        return [items, Option.fromNullOr(page.next)] as const
      })
      return Stream.paginate(null, pageAfter)
    })
  )
