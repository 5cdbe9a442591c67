/** Import jobs in the SQLite file of the leads. */
import type Database from "better-sqlite3"
import * as Schema from "effect/Schema"
import { ImportJob, type ImportRef, type ImportsStore, isOpen } from "../../imports/ImportsStore.ts"
import { attempt } from "./attempt.ts"

export const migration = `
  -- job is the record as JSON; the other columns are members that jobs are looked up by.
  CREATE TABLE server_import (
    id TEXT NOT NULL PRIMARY KEY,
    workspace TEXT NOT NULL,
    spool TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'completed', 'failed', 'aborted')),
    is_open INTEGER NOT NULL CHECK (is_open IN (0, 1)),
    queued_at REAL NOT NULL,
    due_at REAL NOT NULL,
    job TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX server_import_of_workspace ON server_import (workspace, id);
  CREATE INDEX server_import_waiting ON server_import (spool, queued_at, id) WHERE state = 'queued';
  CREATE INDEX server_import_under_way ON server_import (workspace, queued_at, id)
    WHERE state IN ('queued', 'running');
  CREATE INDEX server_import_due ON server_import (due_at, id);
`

const decode = Schema.decodeUnknownSync(Schema.fromJsonString(ImportJob))

/** The columns of a job. */
const columnsOf = (job: ImportJob) => ({
  id: job.id,
  workspace: job.workspaceId,
  spool: job.spoolId,
  state: job.state,
  is_open: isOpen(job) ? 1 : 0,
  queued_at: job.queuedAt,
  due_at: job.dueAt,
  job: JSON.stringify(job)
})
type Columns = ReturnType<typeof columnsOf>

export const make = (db: Database.Database): ImportsStore => {
  const texts = <Given extends ReadonlyArray<unknown>>(sql: string) =>
    db.prepare<[...Given], string>(sql).pluck()

  const insert = db.prepare<Columns>(
    "INSERT INTO server_import VALUES (@id, @workspace, @spool, @state, @is_open, @queued_at, @due_at, @job)"
  )
  const update = db.prepare<Columns>(
    `UPDATE server_import SET spool = @spool, state = @state, is_open = @is_open, queued_at = @queued_at,
       due_at = @due_at, job = @job
     WHERE id = @id AND workspace = @workspace`
  )
  const countOpen = db
    .prepare<[string], number>("SELECT count(*) FROM server_import WHERE workspace = ? AND is_open = 1")
    .pluck()
  const prune = db.prepare<[string, string, number]>(
    `DELETE FROM server_import WHERE workspace = ? AND is_open = 0 AND id IN (
       SELECT id FROM server_import WHERE workspace = ? ORDER BY id DESC LIMIT -1 OFFSET ?)`
  )
  const byRef = texts<[id: string, workspaceId: string]>(
    "SELECT job FROM server_import WHERE id = ? AND workspace = ?"
  )
  const newest = texts<[workspaceId: string, limit: number]>(
    "SELECT job FROM server_import WHERE workspace = ? ORDER BY id DESC LIMIT ?"
  )
  const newestBefore = texts<[workspaceId: string, before: string, limit: number]>(
    "SELECT job FROM server_import WHERE workspace = ? AND id < ? ORDER BY id DESC LIMIT ?"
  )
  const waiting = texts<[spoolId: string, limit: number]>(
    `SELECT job FROM server_import AS one
     WHERE spool = ? AND state = 'queued' AND NOT EXISTS (
       SELECT 1 FROM server_import AS other
       WHERE other.workspace = one.workspace AND other.state IN ('queued', 'running')
         AND (other.state = 'running'
           OR other.spool = one.spool AND (other.queued_at, other.id) < (one.queued_at, one.id)))
     ORDER BY queued_at, id LIMIT ?`
  )
  const due = texts<[at: number, limit: number]>(
    "SELECT job FROM server_import WHERE due_at <= ? ORDER BY due_at, id LIMIT ?"
  )
  const drop = db.prepare<[string, string]>("DELETE FROM server_import WHERE id = ? AND workspace = ?")

  const find = ({ id, workspaceId }: ImportRef): ImportJob | undefined => {
    const text = byRef.get(id, workspaceId)
    return text === undefined ? undefined : decode(text)
  }

  const add = db.transaction((job: ImportJob, maxOpen: number, maxKept: number): boolean => {
    if ((countOpen.get(job.workspaceId) ?? 0) >= maxOpen) return false
    insert.run(columnsOf(job))
    prune.run(job.workspaceId, job.workspaceId, maxKept)
    return true
  })
  const change = db.transaction((ref: ImportRef, rule: (job: ImportJob) => ImportJob) => {
    const job = find(ref)
    if (job === undefined) return undefined
    const changed = rule(job)
    if (changed !== job) update.run(columnsOf(changed))
    return changed
  })
  const remove = db.transaction((ref: ImportRef, rule: (job: ImportJob) => boolean): void => {
    const job = find(ref)
    if (job !== undefined && rule(job)) drop.run(ref.id, ref.workspaceId)
  })

  return {
    add: async (job, { maxKept, maxOpen }) => attempt(() => add.immediate(job, maxOpen, maxKept)),
    get: async (ref) => attempt(() => find(ref)),
    list: async ({ before, limit, workspaceId }) =>
      attempt(() =>
        before === undefined ? newest.all(workspaceId, limit) : newestBefore.all(workspaceId, before, limit)
      ).map((text) => decode(text)),
    change: async (ref, rule) => attempt(() => change.immediate(ref, rule)),
    waiting: async ({ limit, spoolId }) =>
      attempt(() => waiting.all(spoolId, limit)).map((text) => decode(text)),
    due: async ({ at, limit }) => attempt(() => due.all(at, limit)).map((text) => decode(text)),
    remove: async (ref, rule) => attempt(() => remove.immediate(ref, rule))
  }
}
