/**
 * The statements on enrolments. To end those of an address or a domain, its leads are first gathered in a temporary
 * table, `covered`; then one statement for each campaign that has active enrolments looks them up by primary key.
 */
import type { EndReason, Enrollment, EnrollmentState, SuppressionEntry } from "@leadterra/core"
import { isDomainEntry } from "@leadterra/core"
import type { Database } from "better-sqlite3"

export interface EnrollmentRow {
  readonly lead: number
  readonly position: number
  readonly state: EnrollmentState
  readonly endReason: EndReason | null
  readonly enrolledAt: number
  readonly endedAt: number | null
}

export const findSql = `SELECT e.lead, e.position, e.state, e.end_reason AS endReason, e.enrolled_at AS enrolledAt,
  e.ended_at AS endedAt FROM json_each(?) AS k CROSS JOIN enrollment AS e ON e.campaign = ? AND e.lead = k.value`

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

/** An update joined to a JSON list would walk the campaign for each entry; a conflict is found by the key. */
export const changeSql = `INSERT INTO enrollment (campaign, lead, position, state, end_reason, enrolled_at, ended_at)
  SELECT ?, json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
    json_extract(value, '$[3]'), json_extract(value, '$[4]'), json_extract(value, '$[5]') FROM json_each(?) WHERE TRUE
  ON CONFLICT (campaign, lead) DO UPDATE SET (position, state, end_reason, ended_at) =
    (excluded.position, excluded.state, excluded.end_reason, excluded.ended_at)`

export const countSql = `SELECT count(*) AS enrollments, total(e.state = 'active') AS active FROM json_each(?) AS k
  CROSS JOIN enrollment AS e ON e.campaign = ? AND e.lead = k.value`

interface Counted {
  readonly enrollments: number
  readonly active: number
}

/** An enrolment with the row of its lead. */
export interface LeadEnrollment {
  readonly lead: number
  readonly enrollment: Enrollment
}

export const enrollmentStatements = (db: Database) => {
  db.exec("CREATE TEMP TABLE IF NOT EXISTS covered (lead INTEGER PRIMARY KEY)")
  const find = db.prepare<[string, number], EnrollmentRow>(findSql)
  const create = db.prepare<[number, number, string]>(
    "INSERT INTO enrollment (campaign, lead, enrolled_at) SELECT ?, value, ? FROM json_each(?)"
  )
  const change = db.prepare<[number, string]>(changeSql)
  const count = db.prepare<[string, number], Counted>(countSql)
  const uncover = db.prepare("DELETE FROM temp.covered")
  const coverAddresses = db.prepare<[string, number]>(coverAddressesSql)
  const coverDomains = db.prepare<[number, string]>(coverDomainsSql)
  const end = db.prepare<[EndReason, number, number]>(endSql)
  return {
    find: (campaign: number, leads: ReadonlyArray<number>): ReadonlyArray<EnrollmentRow> =>
      find.all(JSON.stringify(leads), campaign),
    /** Enrols leads at position 0, and gives their number. One statement: their keys are small and sorted. */
    create: (campaign: number, leads: ReadonlyArray<number>, enrolledAt: number): number =>
      create.run(campaign, enrolledAt, JSON.stringify(leads)).changes,
    /** Writes position, state and end of enrolments that exist. */
    change: (campaign: number, changed: ReadonlyArray<LeadEnrollment>): void => {
      const entries = changed.map(({ enrollment, lead }) => {
        const { endReason, endedAt, enrolledAt, position, state } = enrollment
        return [lead, position, state, endReason, enrolledAt, endedAt]
      })
      change.run(campaign, JSON.stringify(entries))
    },
    /** How many enrolments of these leads there are, and how many of them are active. */
    count: (campaign: number, leads: ReadonlyArray<number>): Counted =>
      count.get(JSON.stringify(leads), campaign) ?? { enrollments: 0, active: 0 },
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
