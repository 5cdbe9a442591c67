/**
 * The numbers of leads, and their ids. A lead's number is that of its batch times `size`, plus its place in it; its id is what
 * the ids of the batch begin with, and the place as digits. So the one follows from the other as soon as its batch is known,
 * and a batch that has been committed never changes.
 */
import { Ids, type LeadId, type WorkspaceId } from "@leadterra/core"
import { type Session, statement } from "./Session.ts"

/** Leads that one batch has room for. */
export const size = Ids.leadsPerBatch

const prefix = "lead_"

interface Batch {
  readonly number: number
  readonly ulid: string
}

const byNumber = statement<Batch>(
  `SELECT b.number, b.ulid FROM unnest($2::bigint[]) AS k (number)
   CROSS JOIN LATERAL (SELECT * FROM lead_batch WHERE workspace = $1 AND number = k.number LIMIT 1) AS b`
)
const byUlid = statement<Batch>(
  `SELECT b.number, b.ulid FROM unnest($2::text[]) AS k (ulid)
   CROSS JOIN LATERAL (SELECT * FROM lead_batch WHERE workspace = $1 AND ulid = k.ulid LIMIT 1) AS b`
)
const make = statement<{ readonly number: number }>(
  `WITH next AS (UPDATE workspace SET lead_batches = lead_batches + 1 WHERE workspace = $1 RETURNING lead_batches)
   INSERT INTO lead_batch (workspace, number, ulid) SELECT $1, lead_batches, $2 FROM next RETURNING number`
)

/** Batches that are remembered before they are forgotten all at once. */
const remembered = 50_000

/** The batches that this store has read. What a decision makes is not among them before it has been committed. */
export class LeadBatches {
  private readonly numbers = new Map<string, number>()
  private readonly beginnings = new Map<string, string>()

  /** Reads the batches of these numbers of leads that are not known yet. */
  async meet(session: Session, workspace: WorkspaceId, leads: ReadonlyArray<number>): Promise<void> {
    const unknown = new Set<number>()
    for (const lead of leads) {
      const batch = Math.floor(lead / size)
      if (!this.beginnings.has(`${workspace} ${batch}`)) unknown.add(batch)
    }
    if (unknown.size > 0) this.remember(workspace, await session.rows(byNumber, workspace, [...unknown]))
  }

  /** Reads the batches of these ids that are not known yet. */
  async meetIds(session: Session, workspace: WorkspaceId, ids: ReadonlyArray<LeadId>): Promise<void> {
    const unknown = new Set<string>()
    for (const id of ids) {
      const batch = Ids.leadBatch(id)
      if (!this.numbers.has(`${workspace} ${batch}`)) unknown.add(batch.slice(prefix.length))
    }
    if (unknown.size > 0) this.remember(workspace, await session.rows(byUlid, workspace, [...unknown]))
  }

  /** The id of a lead whose batch has been met. */
  idOf(workspace: WorkspaceId, lead: number): LeadId {
    const beginning = this.beginnings.get(`${workspace} ${Math.floor(lead / size)}`)
    if (beginning === undefined) throw new Error("this batch has not been met")
    return Ids.leadIdAt(beginning, lead % size)
  }

  /** The number that a lead of this id has, if there is one; undefined where none can be. Its batch has been met. */
  numberOf(workspace: WorkspaceId, id: LeadId): number | undefined {
    const place = Ids.leadPlace(id)
    const batch = place === undefined ? undefined : this.numbers.get(`${workspace} ${Ids.leadBatch(id)}`)
    return place === undefined || batch === undefined ? undefined : batch * size + place
  }

  private remember(workspace: WorkspaceId, found: ReadonlyArray<Batch>): void {
    if (this.numbers.size + found.length > remembered) {
      this.numbers.clear()
      this.beginnings.clear()
    }
    for (const { number, ulid } of found) {
      this.numbers.set(`${workspace} ${prefix}${ulid}`, number)
      this.beginnings.set(`${workspace} ${number}`, prefix + ulid)
    }
  }
}

/** Makes the batch of this id, and gives its number. */
export const makeBatch = async (session: Session, workspace: WorkspaceId, id: LeadId): Promise<number> => {
  const made = await session.first(make, workspace, Ids.leadBatch(id).slice(prefix.length))
  if (made === undefined) throw new Error("a workspace that is written to has a row")
  return made.number
}
