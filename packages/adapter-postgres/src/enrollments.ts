/** The statements on enrolments. Those that are written together are one statement, whatever their number. */
import type { EndReason, Enrollment, EnrollmentState, SuppressionEntry, WorkspaceId } from "@leadterra/core"
import { isDomainEntry } from "@leadterra/core"
import { changing as changingMessages } from "./messages.ts"
import { columnOf, type Session, statement } from "./Session.ts"

export interface EnrollmentRow {
  readonly position: number
  readonly enrollmentState: EnrollmentState
  readonly endReason: EndReason | null
  readonly enrolledAt: number
  readonly endedAt: number | null
  readonly enrollmentRepliedAt: number | null
}

export const enrollmentColumns = `e.position, e.state AS "enrollmentState", e.end_reason AS "endReason",
  e.enrolled_at AS "enrolledAt", e.ended_at AS "endedAt",
  e.replied_at AS "enrollmentRepliedAt"`

export const enrollmentOf = (
  { campaignId, leadId }: Pick<Enrollment, "campaignId" | "leadId">,
  row: EnrollmentRow
): Enrollment => ({
  campaignId,
  leadId,
  position: row.position,
  state: row.enrollmentState,
  endReason: row.endReason,
  enrolledAt: row.enrolledAt,
  endedAt: row.endedAt,
  repliedAt: row.enrollmentRepliedAt
})

export const findEnrollments = statement<EnrollmentRow & { readonly lead: number }>(
  `SELECT ${enrollmentColumns}, e.lead FROM unnest($3::bigint[]) AS k (lead)
   CROSS JOIN LATERAL (
     SELECT * FROM enrollment WHERE workspace = $1 AND campaign = $2 AND lead = k.lead OFFSET 0
   ) AS e`
)

const create = statement(
  `INSERT INTO enrollment (workspace, campaign, lead, enrolled_at)
   SELECT $1, $2, lead, $3 FROM unnest($4::bigint[]) AS v (lead)`
)

/** Ends an insert of enrolments that all exist. */
const changing = "ON CONFLICT (workspace, campaign, lead) DO UPDATE SET"

const change = statement(
  `INSERT INTO enrollment (workspace, campaign, enrolled_at, lead, position, state, end_reason, ended_at, replied_at)
   SELECT $1, $2, 0, v.*
   FROM unnest($3::bigint[], $4::int[], $5::text[], $6::text[], $7::float8[], $8::float8[]) AS v
   ${changing} position = excluded.position, state = excluded.state, end_reason = excluded.end_reason,
     ended_at = excluded.ended_at, replied_at = excluded.replied_at`
)

const count = statement<CountedEnrollments>(
  `SELECT count(*) AS found, count(*) FILTER (WHERE e.state = 'active') AS active,
     count(e.replied_at) AS replied
   FROM unnest($3::bigint[]) AS k (lead)
   CROSS JOIN LATERAL (
     SELECT state, replied_at FROM enrollment WHERE workspace = $1 AND campaign = $2 AND lead = k.lead OFFSET 0
   ) AS e`
)

/** What of a campaign a set-wide end has moved. */
export interface Ended {
  readonly campaign: number
  readonly ended: number
  readonly cancelled: number
}

const endCovered = (covered: string): string =>
  `WITH covered AS MATERIALIZED (${covered}),
     ended AS (
       INSERT INTO enrollment (workspace, campaign, lead, enrolled_at)
       SELECT $1, v.campaign, v.lead, 0 FROM covered AS l CROSS JOIN unnest($5::int[]) AS c (number)
       CROSS JOIN LATERAL (
         SELECT campaign, lead FROM enrollment
         WHERE workspace = $1 AND campaign = c.number AND lead = l.number AND state = 'active' LIMIT 1
       ) AS v
       ${changing} state = 'ended', end_reason = $3, ended_at = $4
       RETURNING campaign, lead
     ),
     cancelled AS (
       INSERT INTO message (workspace, campaign, lead, step, due_at)
       SELECT $1, v.campaign, v.lead, v.step, 0 FROM ended AS e
       CROSS JOIN LATERAL (
         SELECT campaign, lead, step FROM message
         WHERE workspace = $1 AND campaign = e.campaign AND lead = e.lead AND state IN ('queued', 'leased') LIMIT 1
       ) AS v
       ${changingMessages} state = 'cancelled', token = NULL, leased_until = NULL
       RETURNING campaign
     )
   SELECT campaign, sum(ended)::int AS ended, sum(cancelled)::int AS cancelled FROM (
     SELECT campaign, 1 AS ended, 0 AS cancelled FROM ended
     UNION ALL SELECT campaign, 0, 1 FROM cancelled
   ) AS moved GROUP BY campaign`

const endAddresses = statement<Ended>(
  endCovered(`SELECT l.number FROM unnest($2::text[]) AS k (key)
     CROSS JOIN LATERAL (SELECT number FROM lead WHERE workspace = $1 AND key = k.key OFFSET 0) AS l`)
)

/**
 * A walk along the leads of the workspace: an index by domain would slow down every enrolment, to speed up what an operator does now
 * and then. A key has one @ alone, and it ends in its domain.
 */
const endDomains = statement<Ended>(
  endCovered(
    "SELECT number FROM lead WHERE workspace = $1 AND substr(key, strpos(key, '@')) = ANY($2::text[])"
  )
)

/** An enrolment with the number of its lead. */
export interface LeadEnrollment {
  readonly lead: number
  readonly enrollment: Enrollment
}

/** Enrols leads at position 0, and gives their number. */
export const createEnrollments = (
  session: Session,
  workspace: WorkspaceId,
  campaign: number,
  leads: ReadonlyArray<number>,
  enrolledAt: number
): Promise<number> => session.write(create, workspace, campaign, enrolledAt, leads)

/** Writes position, state, end and reply of enrolments, all of which exist. */
export const changeEnrollments = async (
  session: Session,
  workspace: WorkspaceId,
  campaign: number,
  changed: ReadonlyArray<LeadEnrollment>
): Promise<void> => {
  const column = <A>(field: (enrollment: Enrollment) => A) =>
    columnOf(changed, ({ enrollment }) => field(enrollment))
  await session.write(
    change,
    workspace,
    campaign,
    changed.map(({ lead }) => lead),
    column(({ position }) => position),
    column(({ state }) => state),
    column(({ endReason }) => endReason),
    column(({ endedAt }) => endedAt),
    column(({ repliedAt }) => repliedAt)
  )
}

export interface CountedEnrollments {
  readonly found: number
  readonly active: number
  readonly replied: number
}

/** How many of these enrolments there are, and what they add to the counters as they are stored. */
export const countEnrollments = (
  session: Session,
  workspace: WorkspaceId,
  campaign: number,
  leads: ReadonlyArray<number>
): Promise<CountedEnrollments | undefined> => session.first(count, workspace, campaign, leads)

/** Ends the active enrolments that these entries cover, and cancels what they wait for. */
export const endCoveredEnrollments = async (
  session: Session,
  workspace: WorkspaceId,
  campaigns: ReadonlyArray<number>,
  entries: ReadonlyArray<SuppressionEntry>,
  reason: EndReason,
  endedAt: number
): Promise<ReadonlyArray<Ended>> => {
  const domains = entries.filter(isDomainEntry)
  const addresses = entries.filter((entry) => !isDomainEntry(entry))
  const end = (statement: typeof endAddresses, covering: ReadonlyArray<SuppressionEntry>) =>
    covering.length === 0 || campaigns.length === 0
      ? []
      : session.rows(statement, workspace, covering, reason, endedAt, campaigns)
  return [...(await end(endAddresses, addresses)), ...(await end(endDomains, domains))]
}
