/**
 * The statements on events. A row is an event of a decision, as JSON without what has a column of its own. The leads and
 * messages that it lists stand there as runs of rows: those that one decision meets mostly follow each other, so that the
 * list of a whole batch takes a few bytes. A list that no rows can be found for is kept as it came.
 */
import {
  type CampaignId,
  type DomainEvent,
  type Happening,
  Ids,
  type LeadId,
  type WorkspaceId
} from "@leadterra/core"
import type { Database } from "better-sqlite3"
import type { IdOf, LeadRows } from "./leadRows.ts"

interface EventRow {
  readonly sequence: number
  readonly at: number
  readonly event: string
}

export const pageSql = `SELECT sequence, at, event FROM event WHERE workspace = ? AND sequence > ?
  ORDER BY sequence LIMIT ?`

export const lastSql = "SELECT max(sequence) FROM event WHERE workspace = ?"

/** Leads whose rows follow each other. */
type LeadRun = [first: number, length: number]

/** The messages of such leads in one campaign, for one step. */
type MessageRun = [campaign: CampaignId, step: number, ...leads: LeadRun]

/** What stands for `leadIds`, or for `messageIds` and `leadIds` together. */
interface Runs {
  readonly leads?: ReadonlyArray<LeadRun>
  readonly messages?: ReadonlyArray<MessageRun>
}

const leadRuns = (ids: ReadonlyArray<LeadId>, rowOf: RowOf): ReadonlyArray<LeadRun> | undefined => {
  const runs: Array<LeadRun> = []
  let next = -1
  for (const id of ids) {
    const row = rowOf(id)
    if (row === undefined) return undefined
    const run = runs.at(-1)
    if (run !== undefined && row === next) run[1]++
    else runs.push([row, 1])
    next = row + 1
  }
  return runs
}

type MessagesHappening = Extract<Happening, { readonly messageIds: unknown }>

const messageRuns = (
  { leadIds, messageIds }: MessagesHappening,
  workspaceId: WorkspaceId,
  rowOf: RowOf
): ReadonlyArray<MessageRun> | undefined => {
  if (messageIds.length !== leadIds.length) return undefined
  const runs: Array<MessageRun> = []
  let next = -1
  for (const [index, id] of messageIds.entries()) {
    const leadId = leadIds[index]
    const row = leadId && rowOf(leadId)
    if (leadId === undefined || row === undefined) return undefined
    const run = runs.at(-1)
    if (run !== undefined && row === next && id === Ids.messageId(workspaceId, run[0], leadId, run[1]))
      run[3]++
    else {
      const name = Ids.parseMessageId(id)
      if (name?.leadId !== leadId || name.workspaceId !== workspaceId) return undefined
      runs.push([name.campaignId, name.step, row, 1])
    }
    next = row + 1
  }
  return runs
}

type RowOf = (id: LeadId) => number | undefined

const runsOf = (happening: Happening, workspaceId: WorkspaceId, rowOf: RowOf): Runs | undefined => {
  if ("messageIds" in happening) {
    const messages = messageRuns(happening, workspaceId, rowOf)
    return messages && { messages }
  }
  const leads = "leadIds" in happening ? leadRuns(happening.leadIds, rowOf) : undefined
  return leads && { leads }
}

const rowsOf = ({ leads = [], messages = [] }: Runs): ReadonlyArray<number> =>
  [...leads, ...messages.map(([, , first, length]): LeadRun => [first, length])].flatMap(inRun)

const inRun = ([first, length]: LeadRun): ReadonlyArray<number> =>
  Array.from({ length }, (_, place) => first + place)

const idsOf = (
  { leads, messages }: Runs,
  workspaceId: WorkspaceId,
  idOf: IdOf
): Partial<Pick<MessagesHappening, "leadIds" | "messageIds">> => {
  if (leads !== undefined) return { leadIds: leads.flatMap(inRun).map(idOf) }
  if (messages === undefined) return {}
  const named = messages.flatMap(([campaign, step, first, length]) =>
    inRun([first, length]).map((row) => {
      const lead = idOf(row)
      return { lead, id: Ids.messageId(workspaceId, campaign, lead, step) }
    })
  )
  return { messageIds: named.map(({ id }) => id), leadIds: named.map(({ lead }) => lead) }
}

export const eventStatements = (db: Database, rows: LeadRows) => {
  const page = db.prepare<[number, number, number], EventRow>(pageSql)
  const append = db.prepare<[number, number, number, string]>(
    `INSERT INTO event (workspace, sequence, at, event) VALUES (?, 1 + coalesce((${lastSql}), 0), ?, ?)`
  )
  const eventOf = ({ at, event, sequence }: EventRow, workspaceId: WorkspaceId): DomainEvent => {
    const { leads, messages, ...happening } = JSON.parse(event)
    const runs: Runs = { leads, messages }
    return { ...happening, ...idsOf(runs, workspaceId, rows.idsOf(rowsOf(runs))), sequence, at }
  }
  return {
    /** In their order, after a sequence. */
    page: (
      workspace: number,
      workspaceId: WorkspaceId,
      after: number,
      limit: number
    ): ReadonlyArray<DomainEvent> =>
      page.all(workspace, after, limit).map((event) => eventOf(event, workspaceId)),
    /** Gives the event the next sequence of its workspace. */
    append: (workspace: number, workspaceId: WorkspaceId, at: number, event: Happening): void => {
      const runs = runsOf(event, workspaceId, (id) => rows.rowOf(workspace, id))
      const stored =
        runs === undefined ? event : { ...event, ...runs, leadIds: undefined, messageIds: undefined }
      append.run(workspace, workspace, at, JSON.stringify(stored))
    }
  }
}
