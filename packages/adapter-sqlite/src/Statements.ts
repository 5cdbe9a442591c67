/** All statements of one connection, prepared once, by the table that they are about. */
import type { Database } from "better-sqlite3"
import { campaignStatements } from "./campaigns.ts"
import { enrollmentStatements } from "./enrollments.ts"
import { erasureStatements } from "./erasures.ts"
import { eventStatements } from "./events.ts"
import { idempotencyStatements } from "./idempotency.ts"
import { keyedHash } from "./keyedHash.ts"
import { type LeadRows, leadRows } from "./leadRows.ts"
import { leadStatements } from "./leads.ts"
import { messageStatements } from "./messages.ts"
import { sendingStatements } from "./sending.ts"
import { suppressionStatements } from "./suppressions.ts"
import { workspaceStatements } from "./workspaces.ts"

export interface Statements {
  readonly workspaces: ReturnType<typeof workspaceStatements>
  readonly campaigns: ReturnType<typeof campaignStatements>
  readonly leadRows: LeadRows
  readonly leads: ReturnType<typeof leadStatements>
  readonly enrollments: ReturnType<typeof enrollmentStatements>
  readonly messages: ReturnType<typeof messageStatements>
  readonly sending: ReturnType<typeof sendingStatements>
  readonly suppressions: ReturnType<typeof suppressionStatements>
  readonly erasures: ReturnType<typeof erasureStatements>
  readonly idempotency: ReturnType<typeof idempotencyStatements>
  readonly events: ReturnType<typeof eventStatements>
}

export const prepareStatements = (db: Database): Statements => {
  const rows = leadRows(db)
  const hash = keyedHash(db)
  return {
    workspaces: workspaceStatements(db),
    campaigns: campaignStatements(db),
    leadRows: rows,
    leads: leadStatements(db, rows),
    enrollments: enrollmentStatements(db),
    messages: messageStatements(db),
    sending: sendingStatements(db, rows),
    suppressions: suppressionStatements(db),
    erasures: erasureStatements(db, hash),
    idempotency: idempotencyStatements(db, hash),
    events: eventStatements(db, rows)
  }
}
