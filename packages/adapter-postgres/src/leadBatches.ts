/**
 * The numbers of leads, and their ids. A lead's number is that of its batch times `size`, plus its
 * index in it. Its id is the prefix of the batch's ids and the index as digits. So the one follows
 * from the other as soon as the batch is known. Each transaction reads the batches that it needs. A
 * process must not keep them for longer: a failover or a restore can lose a commit, and then
 * another batch gets the number.
 */
import { Ids, type LeadId, type WorkspaceId } from "@leadterra/core"
import { Refusal } from "./failure.ts"
import { type Session, statement } from "./Session.ts"

/** Leads that one batch has room for. */
const size = Ids.leadsPerBatch

const prefix = "lead_"

interface Batch {
  readonly number: number
  readonly ulid: string
}

const byNumber = statement<Batch>(
  `SELECT b.number, b.ulid FROM unnest($2::bigint[]) AS k (number)
   CROSS JOIN LATERAL (SELECT * FROM lead_batch WHERE workspace = $1 AND number = k.number OFFSET 0) AS b`
)
const byUlid = statement<Batch>(
  `SELECT b.number, b.ulid FROM unnest($2::text[]) AS k (ulid)
   CROSS JOIN LATERAL (SELECT * FROM lead_batch WHERE workspace = $1 AND ulid = k.ulid OFFSET 0) AS b`
)
const make = statement<{ readonly number: number }>(
  `WITH next AS (UPDATE workspace SET lead_batches = lead_batches + 1 WHERE workspace = $1 RETURNING lead_batches)
   INSERT INTO lead_batch (workspace, number, ulid) SELECT $1, lead_batches, $2 FROM next RETURNING number`
)

/** The batches that one transaction has read. */
export class LeadBatches {
  private readonly session: Session
  private readonly workspace: WorkspaceId
  private readonly numbers = new Map<string, number>()
  private readonly beginnings = new Map<number, string>()

  constructor(session: Session, workspace: WorkspaceId) {
    this.session = session
    this.workspace = workspace
  }

  /** Meets the batches of these numbers of leads. */
  async meet(leads: ReadonlyArray<number>): Promise<void> {
    const unknown = new Set<number>()
    for (const lead of leads) {
      const number = Math.floor(lead / size)
      if (!this.beginnings.has(number)) unknown.add(number)
    }
    if (unknown.size === 0) return
    for (const batch of await this.session.rows(byNumber, this.workspace, [...unknown])) this.keep(batch)
  }

  /** Meets the batches of these ids. What is no id has none. */
  async meetIds(ids: ReadonlyArray<LeadId>): Promise<void> {
    const unknown = new Set<string>()
    for (const id of ids) {
      if (!this.numbers.has(Ids.leadBatch(id)) && Ids.leadPlace(id) !== undefined) unknown.add(ulidOf(id))
    }
    if (unknown.size === 0) return
    for (const batch of await this.session.rows(byUlid, this.workspace, [...unknown])) this.keep(batch)
  }

  /** Makes the batch of this id, which is nobody else's before the transaction commits, and gives the lead's number. */
  async make(id: LeadId): Promise<number> {
    const place = Ids.leadPlace(id)
    if (place === undefined) throw new Refusal("a lead's id is lead_ and a ULID")
    const made = await this.session.first(make, this.workspace, ulidOf(id))
    if (made === undefined) throw new Error("a workspace that is written to has a row")
    this.keep({ number: made.number, ulid: ulidOf(id) })
    return made.number * size + place
  }

  /** The id of a lead whose batch has been met. */
  idOf(lead: number): LeadId {
    const beginning = this.beginnings.get(Math.floor(lead / size))
    if (beginning === undefined) throw new Error("this batch has not been met")
    return Ids.leadIdAt(beginning, lead % size)
  }

  /** The number that a lead of this id has, if there is one; undefined where none can be. Its batch has been met. */
  numberOf(id: LeadId): number | undefined {
    const place = Ids.leadPlace(id)
    const batch = place === undefined ? undefined : this.numbers.get(Ids.leadBatch(id))
    return place === undefined || batch === undefined ? undefined : batch * size + place
  }

  private keep({ number, ulid }: Batch): void {
    this.numbers.set(prefix + ulid, number)
    this.beginnings.set(number, prefix + ulid)
  }
}

const ulidOf = (id: LeadId): string => Ids.leadBatch(id).slice(prefix.length)
