import { Ids, type LeadId } from "@leadterra/core"
import Database from "better-sqlite3"
import fc from "fast-check"
import { beforeEach, describe, expect, it } from "vitest"
import { eventStatements } from "../src/events.ts"
import { groupAlike } from "../src/groupAlike.ts"
import { leadRows } from "../src/leadRows.ts"
import { migrations } from "../src/migrations.ts"

const workspaceId = Ids.WorkspaceId.make("w")

let db: Database.Database
beforeEach(() => {
  db = new Database(":memory:")
  for (const migration of migrations) db.exec(migration)
  db.exec("INSERT INTO workspace (id, name) VALUES (1, 'w'), (2, 'v')")
})

const digits = Array.from(Ids.crockford)
const ulid = fc.array(fc.constantFrom(...digits), { minLength: 26, maxLength: 26 }).map((all) => all.join(""))

/** Some few batches, so that many ids share one. */
const leadId = fc
  .tuple(fc.constantFrom("01JXCQ0000000000000000AB", "01JXCQ0000000000000000AC"), ulid)
  .map(([batch, rest]) => Ids.storedLeadId(`lead_${(batch + rest).slice(0, 26)}`))

describe("the rows of leads", () => {
  it("ID-1: each id has a row, no two the same one, and the row gives back the id", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(
          fc.oneof(
            leadId,
            ulid.map((all) => Ids.storedLeadId(`lead_${all}`))
          )
        ),
        (ids) => {
          const rows = leadRows(db)
          const numbers = ids.map((id) => rows.newRow(1, id) ?? 0)
          expect(new Set(numbers).size).toBe(ids.length)
          const idOf = rows.idsOf(numbers)
          expect(numbers.map(idOf)).toEqual(ids)
          expect(ids.map((id) => rows.rowOf(1, id))).toEqual(numbers)
          // Another connection, or one that has forgotten, finds the same.
          expect(numbers.map(leadRows(db).idsOf(numbers))).toEqual(ids)
          expect(ids.map((id) => leadRows(db).rowOf(1, id))).toEqual(numbers)
          expect(ids.map((id) => rows.rowOf(2, id))).toEqual(ids.map(() => undefined))
        }
      )
    )
  })

  it("ID-1: the leads of a batch keep their order", () => {
    const rows = leadRows(db)
    const batch = Array.from({ length: 10_000 }, (_, index) =>
      Ids.leadId("01JXCQ00000000000000000000", index)
    )
    const numbers = batch.map((id) => rows.newRow(1, id) ?? 0)
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
    expect(db.prepare("SELECT count(*) FROM lead_batch").pluck().get()).toBe(1)
  })

  it("no other text has a row", () => {
    const rows = leadRows(db)
    for (const text of [
      "",
      "lead_",
      "lead_1",
      `lead_${"I".repeat(26)}`,
      `camp_${"A".repeat(26)}`,
      `lead_${"A".repeat(27)}`
    ]) {
      expect(rows.newRow(1, Ids.storedLeadId(text)), text).toBeUndefined()
      expect(rows.rowOf(1, Ids.storedLeadId(text)), text).toBeUndefined()
    }
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 26, maxLength: 31 }), (text) => {
        const isId = /^lead_.{23}[0-9A-HJKMNP-TV-Z]{3}$/s.test(text)
        expect(rows.newRow(1, Ids.storedLeadId(text)) !== undefined).toBe(isId)
      })
    )
  })

  it("UP-6: a batch that was rolled back is forgotten", () => {
    const rows = leadRows(db)
    const id = Ids.leadId("01JXCQ00000000000000000000", 7)
    db.exec("BEGIN")
    expect(rows.newRow(1, id)).toBe(32_768 + 7)
    expect(rows.rowOf(1, id)).toBe(32_768 + 7)
    db.exec("ROLLBACK")
    rows.forget()
    expect(rows.rowOf(1, id)).toBeUndefined()
  })
})

describe("events as they are stored", () => {
  const campaigns = ["01JXCQ00000000000000000001", "01JXCQ00000000000000000002"].map(Ids.campaignId)

  it("EV-1: what was listed is read back, in its order, be it known or not", () => {
    const listed = fc.array(fc.tuple(leadId, fc.constantFrom(...campaigns), fc.nat({ max: 3 })))
    fc.assert(
      fc.property(listed, fc.boolean(), (all, isKnown) => {
        const rows = leadRows(db)
        const events = eventStatements(db, rows)
        const leadIds = all.map(([id]) => id)
        if (isKnown) for (const id of leadIds) rows.newRow(1, id)
        const messageIds = all.map(([id, campaign, step]) => Ids.messageId(workspaceId, campaign, id, step))
        const [campaignId = campaigns[0]] = all.map(([, campaign]) => campaign)
        if (campaignId === undefined) return
        db.exec("DELETE FROM event")
        const happenings = [
          { kind: "lead.enrolled", campaignId, leadIds },
          { kind: "lead.suppressed", cause: "added", entries: leadIds.length, leadIds },
          { kind: "message.sent", messageIds, leadIds },
          // The ids of strangers: a rule that lists them is wrong, and its words are kept.
          { kind: "message.bounced", bounceType: "hard", messageIds: messageIds.toReversed(), leadIds },
          { kind: "campaign.paused", campaignId }
        ] as const
        for (const happening of happenings) events.append(1, workspaceId, 5, happening)
        expect(eventStatements(db, leadRows(db)).page(1, workspaceId, 0, 10)).toEqual(
          happenings.map((happening, index) => ({ ...happening, sequence: index + 1, at: 5 }))
        )
      })
    )
  })

  it("EV-1: a batch is one run, whatever its size", () => {
    const rows = leadRows(db)
    const leadIds: ReadonlyArray<LeadId> = Array.from({ length: 1_000 }, (_, index) =>
      Ids.leadId("01JXCQ00000000000000000000", index)
    )
    for (const id of leadIds) rows.newRow(1, id)
    const [campaignId] = campaigns
    if (campaignId === undefined) throw new Error("there is a campaign")
    const messageIds = leadIds.map((id) => Ids.messageId(workspaceId, campaignId, id, 0))
    const events = eventStatements(db, rows)
    events.append(1, workspaceId, 5, { kind: "lead.enrolled", campaignId, leadIds })
    events.append(1, workspaceId, 5, { kind: "message.sent", messageIds, leadIds })
    const sizes = db.prepare<[], number>("SELECT length(event) FROM event").pluck().all()
    expect(Math.max(...sizes)).toBeLessThan(120)
  })
})

describe("grouping what is alike", () => {
  it("keeps every item, once and in order, and puts together just those that are alike", () => {
    const item = fc.record({ name: fc.constantFrom("a", "b", "c"), place: fc.nat() })
    fc.assert(
      fc.property(fc.array(item), (items) => {
        const groups = groupAlike(
          items,
          (a, b) => a.name === b.name,
          ({ name }) => name
        )
        expect(Object.fromEntries(groups.map((group) => [group[0].name, group]))).toEqual(
          Object.groupBy(items, ({ name }) => name)
        )
        expect(groups.flat()).toHaveLength(items.length)
      })
    )
  })
})
