/**
 * The statements on enrolments. To end those of an address or a domain, its leads are first gathered in a temporary
 * table, `covered`; then one statement for each campaign that has active enrolments looks them up by primary key.
 */
import type {
  CampaignCounters,
  EndReason,
  Enrollment,
  EnrollmentState,
  SuppressionEntry
} from "@leadterra/core"
import { isDomainEntry } from "@leadterra/core"
import type { Database } from "better-sqlite3"
import { groupAlike } from "./groupAlike.ts"

/** The columns of `enrollmentColumns`, in their order. */
export type EnrollmentRow = [
  position: number,
  state: EnrollmentState,
  endReason: EndReason | null,
  enrolledAt: number,
  endedAt: number | null,
  repliedAt: number | null
]

export const enrollmentColumns = "e.position, e.state, e.end_reason, e.enrolled_at, e.ended_at, e.replied_at"

export const findSql = `SELECT ${enrollmentColumns}, e.lead FROM json_each(?) AS k
  CROSS JOIN enrollment AS e ON e.campaign = ? AND e.lead = k.value`

export const coverAddressesSql = `INSERT OR IGNORE INTO temp.covered
  SELECT l.id FROM json_each(?) AS k CROSS JOIN lead AS l ON l.workspace = ? AND l.key = k.value`

/**
 * A walk along the workspace's part of the unique index on keys: an index by domain would slow down every enrolment,
 * to speed up what an operator does now and then. A key has one @ alone, and it ends in its domain.
 */
export const coverDomainsSql = `INSERT OR IGNORE INTO temp.covered
  SELECT l.id FROM lead AS l
  WHERE l.workspace = ? AND substr(l.key, instr(l.key, '@')) IN (SELECT value FROM json_each(?))`

export const endSql = `UPDATE enrollment SET state = 'ended', end_reason = ?, ended_at = ?
  WHERE campaign = ? AND lead IN (SELECT lead FROM temp.covered) AND state = 'active'`

/** An update joined to a JSON list would walk the campaign for each entry. */
export const changeSql = `UPDATE enrollment SET position = ?, state = ?, end_reason = ?, ended_at = ?, replied_at = ?
  WHERE campaign = ? AND lead IN (SELECT value FROM json_each(?))`

export const countSql = `SELECT total(e.state = 'active') AS active, count(e.replied_at) AS replied
  FROM json_each(?) AS k CROSS JOIN enrollment AS e ON e.campaign = ? AND e.lead = k.value`

type EnrollmentCounts = Pick<CampaignCounters, "active" | "replied">

/** An enrolment with the row of its lead. */
export interface LeadEnrollment {
  readonly lead: number
  readonly enrollment: Enrollment
}

const areAlike = ({ enrollment: a }: LeadEnrollment, { enrollment: b }: LeadEnrollment): boolean =>
  a.position === b.position &&
  a.state === b.state &&
  a.endReason === b.endReason &&
  a.endedAt === b.endedAt &&
  a.repliedAt === b.repliedAt

const nameOf = ({ enrollment }: LeadEnrollment): string => {
  const { endReason, endedAt, position, repliedAt, state } = enrollment
  return `${position} ${state} ${endReason} ${endedAt} ${repliedAt}`
}

export const enrollmentStatements = (db: Database) => {
  db.exec("CREATE TEMP TABLE IF NOT EXISTS covered (lead INTEGER PRIMARY KEY)")
  const find = db.prepare<[string, number], [...EnrollmentRow, lead: number]>(findSql).raw()
  const create = db.prepare<[number, number, string]>(
    "INSERT INTO enrollment (campaign, lead, enrolled_at) SELECT ?, value, ? FROM json_each(?)"
  )
  const change =
    db.prepare<[number, EnrollmentState, EndReason | null, number | null, number | null, number, string]>(
      changeSql
    )
  const count = db.prepare<[string, number], EnrollmentCounts>(countSql)
  const uncover = db.prepare("DELETE FROM temp.covered")
  const coverAddresses = db.prepare<[string, number]>(coverAddressesSql)
  const coverDomains = db.prepare<[number, string]>(coverDomainsSql)
  const end = db.prepare<[EndReason, number, number]>(endSql)
  return {
    find: (
      campaign: number,
      leads: ReadonlyArray<number>
    ): ReadonlyArray<readonly [...EnrollmentRow, lead: number]> => find.all(JSON.stringify(leads), campaign),
    /** Enrols leads at position 0, and gives their number. One statement: their keys are small and sorted. */
    create: (campaign: number, leads: ReadonlyArray<number>, enrolledAt: number): number =>
      create.run(campaign, enrolledAt, JSON.stringify(leads)).changes,
    /** Writes position, state, end and reply of enrolments. Gives how many of them there are. */
    change: (campaign: number, changed: ReadonlyArray<LeadEnrollment>): number => {
      let found = 0
      for (const alike of groupAlike(changed, areAlike, nameOf)) {
        const { endReason, endedAt, position, repliedAt, state } = alike[0].enrollment
        const leads = JSON.stringify(alike.map(({ lead }) => lead))
        found += change.run(position, state, endReason, endedAt, repliedAt, campaign, leads).changes
      }
      return found
    },
    /** The share of these stored enrolments in the counters. */
    count: (campaign: number, changed: ReadonlyArray<LeadEnrollment>): EnrollmentCounts =>
      count.get(JSON.stringify(changed.map(({ lead }) => lead)), campaign) ?? { active: 0, replied: 0 },
    /** Gathers the leads that these entries cover, and gives their number. */
    cover: (workspace: number, entries: ReadonlyArray<SuppressionEntry>): number => {
      const domains = entries.filter(isDomainEntry)
      const addresses = entries.filter((entry) => !isDomainEntry(entry))
      uncover.run()
      const byAddress =
        addresses.length === 0 ? 0 : coverAddresses.run(JSON.stringify(addresses), workspace).changes
      const byDomain = domains.length === 0 ? 0 : coverDomains.run(workspace, JSON.stringify(domains)).changes
      return byAddress + byDomain
    },
    /** Ends the active enrolments of the gathered leads in one campaign, and gives their number. */
    end: (campaign: number, reason: EndReason, endedAt: number): number =>
      end.run(reason, endedAt, campaign).changes
  }
}
