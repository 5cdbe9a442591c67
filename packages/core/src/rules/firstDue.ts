/** The first messages of those that are due, as a scope asks for them: bounded by number and by campaigns. */
import type { MessageInContext } from "../model/Message.ts"
import type { DueScope } from "../model/Snapshot.ts"

/**
 * Returns the first of these messages, which come in the order of claims: at most `limit`, and only
 * those before the first one that is of a campaign more than `campaigns`.
 */
export const firstDue = <A extends Pick<MessageInContext, "campaign">>(
  sorted: ReadonlyArray<A>,
  { campaigns = Number.POSITIVE_INFINITY, limit }: Pick<DueScope, "campaigns" | "limit">
): ReadonlyArray<A> => {
  const seen = new Set<string>()
  const end = sorted.findIndex(({ campaign }) => seen.add(campaign.id).size > campaigns)
  return sorted.slice(0, end === -1 ? limit : Math.min(end, limit))
}
