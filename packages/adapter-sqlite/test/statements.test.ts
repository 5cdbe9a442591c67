import { Campaigns, Delivery, Leads, Limits, Suppression } from "@leadterra/core"
import Database from "better-sqlite3"
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { on } from "../../../test/on.ts"
import * as campaigns from "../src/campaigns.ts"
import * as enrollments from "../src/enrollments.ts"
import * as erasures from "../src/erasures.ts"
import * as events from "../src/events.ts"
import * as idempotency from "../src/idempotency.ts"
import * as leads from "../src/leads.ts"
import * as messages from "../src/messages.ts"
import { migrations } from "../src/migrations.ts"
import { repositoryOn } from "../src/repositoryOn.ts"
import { prepareStatements } from "../src/Statements.ts"
import * as sending from "../src/sending.ts"
import * as suppressions from "../src/suppressions.ts"

const rowsOf = (count: number, firstName: string) =>
  Array.from({ length: count }, (_, i) => ({ email: `lead${i}@example.com`, firstName }))

const countedBatch = async (size: number): Promise<{ readonly reads: number; readonly writes: number }> => {
  const statements: Array<string> = []
  const db = new Database(":memory:", { verbose: (sql) => statements.push(String(sql)) })
  for (const migration of migrations) db.exec(migration)
  const scene = Effect.gen(function* () {
    const { id } = yield* Campaigns.create({ workspaceId: "w", name: "c" })
    const batch = { workspaceId: "w", campaignId: id, leads: rowsOf(size, "Ava") }
    yield* Suppression.add({ workspaceId: "w", entries: ["gone@example.com"] })
    yield* Leads.bulkUpsert(batch)
    statements.length = 0
    yield* Leads.bulkUpsert(batch)
  })
  await on(repositoryOn(db), scene)
  db.close()
  const reads = statements.filter((sql) => sql.startsWith("SELECT"))
  return {
    reads: reads.length,
    writes: statements.filter((sql) => /^(INSERT|UPDATE|DELETE)/.test(sql)).length
  }
}

describe("the number of statements", () => {
  it("is six reads and no write for a batch of known leads that changes nothing, whatever its size", async () => {
    expect(await countedBatch(10)).toEqual({ reads: 6, writes: 0 })
    expect(await countedBatch(1_000)).toEqual({ reads: 6, writes: 0 })
  })
})

const countedDelivery = async (size: number) => {
  const statements: Array<string> = []
  const db = new Database(":memory:", { verbose: (sql) => statements.push(String(sql)) })
  for (const migration of migrations) db.exec(migration)
  const scene = Effect.gen(function* () {
    const steps = Array(2).fill({ subject: "s", bodyHtml: "b" })
    const { id: campaignId } = yield* Campaigns.create({ workspaceId: "w", name: "c", steps })
    yield* Leads.bulkUpsert({ workspaceId: "w", campaignId, leads: rowsOf(size, "Ava") })
    yield* Campaigns.start({ workspaceId: "w", campaignId })
    statements.length = 0
    const claimed = yield* Delivery.claim({ workspaceId: "w", limit: size })
    const claim = statements.splice(0).length
    const reports = claimed.map(({ messageId }): Delivery.Report => ({ messageId, type: "sent" }))
    const { recorded } = yield* Delivery.record({ reports })
    return { claimed: claimed.length, claim, recorded, record: statements.length }
  })
  const counted = await on(repositoryOn(db), scene)
  db.close()
  return counted
}

describe("the number of statements of delivery", () => {
  it("is a handful for each decision of a claim or a record, whatever the number of its messages", async () => {
    const inOne = Limits.maxMessagesInDecision
    const few = await countedDelivery(10)
    const many = await countedDelivery(inOne)
    expect(few).toMatchObject({ claimed: 10, recorded: 10 })
    expect(many).toMatchObject({ claimed: inOne, recorded: inOne })
    expect([many.claim, many.record]).toEqual([few.claim, few.record])
    // BEGIN, COMMIT and the look at the version of the schema among them.
    expect(many.claim).toBeLessThan(13)
    expect(many.record).toBeLessThan(15)
    const all = await countedDelivery(3 * inOne)
    // The store remembers the batches of leads that it has read.
    expect(all.claim).toBeLessThanOrEqual(3 * few.claim)
    expect(all.record).toBeLessThanOrEqual(3 * few.record)
  })
})

describe("the plans of the set-wise statements", () => {
  const db = new Database(":memory:")
  for (const migration of migrations) db.exec(migration)
  prepareStatements(db)
  const planOf = (sql: string): ReadonlyArray<string> =>
    db
      .prepare<Array<null>, { readonly detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...Array.from(sql.matchAll(/\?/g), () => null))
      .map(({ detail }) => detail)

  it.each([
    [
      "a batch's leads",
      leads.findSql,
      "SEARCH l USING INDEX sqlite_autoindex_lead_1 (workspace=? AND key=?)"
    ],
    ["the leads of ids", leads.keysOfRowsSql, "SEARCH l USING INTEGER PRIMARY KEY (rowid=?)"],
    ["whether they are enrolled", leads.findSql, "SEARCH e USING PRIMARY KEY (campaign=? AND lead=?)"],
    ["their enrolments", enrollments.findSql, "SEARCH e USING PRIMARY KEY (campaign=? AND lead=?)"],
    ["their messages", messages.historySql, "SEARCH m USING PRIMARY KEY (campaign=? AND lead=?)"],
    ["their suppressions", suppressions.findSql, "SEARCH s USING PRIMARY KEY (workspace=? AND entry=?)"],
    [
      "those of them that are hashes",
      erasures.findSql,
      "SEARCH e USING PRIMARY KEY (workspace=? AND hash=?)"
    ],
    [
      "the record of a key",
      idempotency.findSql,
      "SEARCH answer USING INDEX sqlite_autoindex_answer_1 (workspace=? AND key=?)"
    ],
    ["the records to drop", idempotency.forgetSql, "INDEX answer_kept (workspace=? AND kept_at<?)"],
    ["a page of events", events.pageSql, "USING INDEX sqlite_autoindex_event_1 (workspace=? AND sequence>?)"],
    [
      "the last event",
      events.lastSql,
      "SEARCH event USING COVERING INDEX sqlite_autoindex_event_1 (workspace=?)"
    ],
    [
      "the leads of addresses",
      enrollments.coverAddressesSql,
      "sqlite_autoindex_lead_1 (workspace=? AND key=?)"
    ],
    ["the leads of domains", enrollments.coverDomainsSql, "sqlite_autoindex_lead_1 (workspace=?)"],
    [
      "the enrolments to end",
      enrollments.endSql,
      "SEARCH enrollment USING PRIMARY KEY (campaign=? AND lead=?)"
    ],
    ["the messages to cancel", messages.cancelCoveredSql, "(campaign=? AND lead=?)"],
    ["the messages of what is over", messages.cancelSql, "(campaign=? AND lead=?)"],
    ["the messages to lease", messages.leaseSql, "(campaign=? AND lead=?)"],
    ["leases that have run out", messages.releaseSql, "message_leased (campaign=? AND leased_until<?)"],
    ["messages to count", messages.countSql, "SEARCH m USING PRIMARY KEY (campaign=? AND lead=? AND step=?)"],
    ["messages to change", messages.changeSql, "PRIMARY KEY (campaign=? AND lead=? AND step=?)"],
    [
      "enrolments to change",
      enrollments.changeSql,
      "SEARCH enrollment USING PRIMARY KEY (campaign=? AND lead=?)"
    ],
    [
      "whether a list holds domains",
      suppressions.hasDomainsSql,
      "SEARCH suppression USING PRIMARY KEY (workspace=? AND entry>? AND entry<?)"
    ],
    [
      "the messages of reports",
      sending.namedSql,
      "SEARCH m USING PRIMARY KEY (campaign=? AND lead=? AND step=?)"
    ],
    ["what is due", sending.dueSql, "SEARCH m USING INDEX message_due (campaign=? AND due_at<?)"],
    ["the first that is due", sending.firstDueSql, "message_due (campaign=? AND due_at<?)"],
    ["the campaigns that send", campaigns.sendingSql, "campaign_sending (workspace=?)"],
    ["the start of a campaign", messages.queueFirstSql, "SEARCH enrollment USING PRIMARY KEY (campaign=?)"],
    [
      "a page of leads",
      leads.pageSql,
      "SEARCH b USING COVERING INDEX lead_batch_of_workspace (workspace=? AND rowid>?)"
    ],
    ["the leads of a batch", leads.pageSql, "SEARCH l USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"],
    ["a page of a campaign", leads.campaignPageSql, "SEARCH e USING PRIMARY KEY (campaign=? AND lead>?)"]
  ])("look up %s by index, and scan and sort no table", (_, sql, expected) => {
    const plan = planOf(sql)
    expect(plan.filter((step) => step.includes(expected))).toHaveLength(1)
    expect(
      plan.filter((step) => /^SCAN (?!k VIRTUAL TABLE|json_each VIRTUAL TABLE)|TEMP B-TREE/.test(step))
    ).toEqual([])
  })
})
