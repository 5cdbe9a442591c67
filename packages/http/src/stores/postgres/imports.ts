/** Import jobs in the PostgreSQL database of the leads. */
import * as Schema from "effect/Schema"
import { ImportJob, type ImportRef, type ImportsStore, isOpen } from "../../imports/ImportsStore.ts"
import { attempt } from "./attempt.ts"
import { type Answer, inTransaction, type Queryable, type ServerPool, textsOf } from "./ServerPool.ts"

export const migration = `
  -- job is the record as JSON; the other columns are members that jobs are looked up by.
  CREATE TABLE server_import (
    id text COLLATE "C" PRIMARY KEY,
    workspace text COLLATE "C" NOT NULL,
    spool text COLLATE "C" NOT NULL,
    state text NOT NULL CHECK (state IN ('queued', 'running', 'completed', 'failed', 'aborted')),
    is_open boolean NOT NULL,
    queued_at double precision NOT NULL,
    due_at double precision NOT NULL,
    job text NOT NULL
  );

  CREATE INDEX server_import_of_workspace ON server_import (workspace, id);
  CREATE INDEX server_import_waiting ON server_import (spool, queued_at, id) WHERE state = 'queued';
  CREATE INDEX server_import_under_way ON server_import (workspace, queued_at, id)
    WHERE state IN ('queued', 'running');
  CREATE INDEX server_import_due ON server_import (due_at, id);
`

const decode = Schema.decodeUnknownSync(Schema.fromJsonString(ImportJob))

const jobsOf = (answer: Answer): ReadonlyArray<ImportJob> => textsOf(answer).map(({ job }) => decode(job))

const valuesOf = (job: ImportJob): Array<unknown> => [
  job.id,
  job.workspaceId,
  job.spoolId,
  job.state,
  isOpen(job),
  job.queuedAt,
  job.dueAt,
  JSON.stringify(job)
]

const updateSql = `UPDATE server_import
  SET spool = $3, state = $4, is_open = $5, queued_at = $6, due_at = $7, job = $8
  WHERE id = $1 AND workspace = $2`

const waitingSql = `SELECT job FROM server_import AS one
  WHERE spool = $1 AND state = 'queued' AND NOT EXISTS (
    SELECT 1 FROM server_import AS other
    WHERE other.workspace = one.workspace AND other.state IN ('queued', 'running')
      AND (other.state = 'running'
        OR other.spool = one.spool AND (other.queued_at, other.id) < (one.queued_at, one.id)))
  ORDER BY queued_at, id LIMIT $2`

/** Seeds the hash of a workspace for its lock: "Impo" in ASCII. */
const lockSeed = 0x496d706f

export const make = (pool: ServerPool): ImportsStore => {
  const query = (text: string, values: Array<unknown>): Promise<Answer> =>
    attempt(() => pool.query(text, values))

  const locked = async (
    connection: Queryable,
    { id, workspaceId }: ImportRef
  ): Promise<ImportJob | undefined> => {
    const text = "SELECT job FROM server_import WHERE id = $1 AND workspace = $2 FOR UPDATE"
    return jobsOf(await connection.query(text, [id, workspaceId]))[0]
  }

  const add = async (
    connection: Queryable,
    job: ImportJob,
    { maxKept, maxOpen }: { readonly maxKept: number; readonly maxOpen: number }
  ): Promise<boolean> => {
    const { workspaceId } = job
    // Two processes that add to one workspace would each count without the job of the other.
    await connection.query("SELECT pg_advisory_xact_lock(hashtextextended($1, $2))", [workspaceId, lockSeed])
    const count = "SELECT count(*)::text AS open FROM server_import WHERE workspace = $1 AND is_open"
    const [row] = textsOf(await connection.query(count, [workspaceId]))
    if (Number(row?.["open"]) >= maxOpen) return false
    await connection.query("INSERT INTO server_import VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", valuesOf(job))
    await connection.query(
      `DELETE FROM server_import WHERE workspace = $1 AND NOT is_open AND id IN (
         SELECT id FROM server_import WHERE workspace = $1 ORDER BY id DESC OFFSET $2)`,
      [workspaceId, maxKept]
    )
    return true
  }

  return {
    add: (job, limits) => attempt(() => inTransaction(pool, (connection) => add(connection, job, limits))),
    get: async ({ id, workspaceId }) => {
      const text = "SELECT job FROM server_import WHERE id = $1 AND workspace = $2"
      return jobsOf(await query(text, [id, workspaceId]))[0]
    },
    list: async ({ before, limit, workspaceId }) => {
      const text = `SELECT job FROM server_import WHERE workspace = $1 AND ($2::text IS NULL OR id < $2)
        ORDER BY id DESC LIMIT $3`
      return jobsOf(await query(text, [workspaceId, before ?? null, limit]))
    },
    change: (ref, rule) =>
      attempt(() =>
        inTransaction(pool, async (connection) => {
          const job = await locked(connection, ref)
          if (job === undefined) return undefined
          const changed = rule(job)
          if (changed !== job) await connection.query(updateSql, valuesOf(changed))
          return changed
        })
      ),
    waiting: async ({ limit, spoolId }) => jobsOf(await query(waitingSql, [spoolId, limit])),
    due: async ({ at, limit }) => {
      const text = "SELECT job FROM server_import WHERE due_at <= $1 ORDER BY due_at, id LIMIT $2"
      return jobsOf(await query(text, [at, limit]))
    },
    remove: (ref, rule) =>
      attempt(() =>
        inTransaction(pool, async (connection) => {
          const job = await locked(connection, ref)
          if (job === undefined || !rule(job)) return
          await connection.query("DELETE FROM server_import WHERE id = $1", [job.id])
        })
      )
  }
}
