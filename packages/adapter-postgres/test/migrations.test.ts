/** Databases of an earlier version: what they hold means the same after the migrations. */
import { Campaigns, Events, Ids, Leads } from "@leadterra/core"
import * as Effect from "effect/Effect"
import { Pool } from "pg"
import { afterAll, expect, it, onTestFinished } from "vitest"
import { startPostgres } from "../../../test/postgres.ts"
import { migrations, tableIn } from "../src/migrations.ts"
import { databasesOn, using } from "./databases.ts"

const server = await startPostgres()
afterAll(() => server.stop())
const newDatabase = databasesOn(server)

const workspaceId = "w"
const campaignId = Ids.campaignId("0".repeat(26))

it.each([0, 2])(
  "DE-4, DE-5, EV-1: a database that kept hard bounces and attempts alone is counted anew, in %i partitions",
  async (partitions) => {
    const pool = new Pool({ connectionString: await newDatabase() })
    onTestFinished(() => pool.end())
    for (const migration of migrations.slice(0, 1)) await pool.query(migration(tableIn(partitions)))
    await pool.query(`
    CREATE TABLE leadterra_version (version integer NOT NULL);
    INSERT INTO leadterra_version VALUES (1);
    INSERT INTO workspace (workspace, campaigns, lead_batches, events, secret) VALUES ('w', 1, 1, 1, 'secret');
    INSERT INTO campaign (workspace, number, id, name, status, steps, created_at, started_at, enrolled, active, pending, sent,
        delivered, bounced, replied)
      VALUES ('w', 1, '${campaignId}', 'c', 'running', '[]', 1, 2, 3, 1, 1, 3, 2, 1, 2);
    INSERT INTO lead_batch (workspace, number, ulid) VALUES ('w', 1, '${"A".repeat(23)}');
    INSERT INTO lead (workspace, number, key, created_at, updated_at)
      VALUES ('w', 32768, 'a@x.com', 1, 1), ('w', 32769, 'b@x.com', 1, 1), ('w', 32770, 'c@x.com', 1, 1);
    INSERT INTO enrollment (workspace, campaign, lead, position, state, end_reason, enrolled_at, ended_at)
      VALUES ('w', 1, 32768, 2, 'ended', 'replied', 1, 9), ('w', 1, 32769, 1, 'ended', 'bounced', 1, 9),
        ('w', 1, 32770, 0, 'active', NULL, 1, NULL);
    INSERT INTO message (workspace, campaign, lead, step, state, due_at, attempt, token, leased_until, sent_at, delivered_at,
        bounced_at, replied_at)
      VALUES ('w', 1, 32768, 0, 'sent', 1, 3, NULL, NULL, 2, 3, NULL, 8), ('w', 1, 32768, 1, 'sent', 1, 1, NULL, NULL, 2, 3, NULL, 7),
        ('w', 1, 32769, 0, 'sent', 1, 1, NULL, NULL, 2, NULL, 6, NULL), ('w', 1, 32770, 0, 'leased', 1, 4, 't', 9, NULL, NULL, NULL, NULL);
    INSERT INTO event (workspace, sequence, at, event) VALUES ('w', 1, 6,
      '{"kind":"message.bounced","messageIds":["m"],"leadIds":["l"]}');
  `)
    const ref = { workspaceId, campaignId }
    const found = await using(
      partitions === 0 ? { pool } : { pool, partitions },
      Effect.gen(function* () {
        return {
          stats: yield* Campaigns.stats(ref),
          replied: yield* Leads.explain({ ...ref, email: "a@x.com" }),
          enrollment: yield* Leads.enrollment({ ...ref, email: "a@x.com" }),
          bounced: yield* Leads.explain({ ...ref, email: "b@x.com" }),
          pending: yield* Leads.enrollment({ ...ref, email: "c@x.com" }),
          events: yield* Events.read({ workspaceId })
        }
      })
    )
    expect(found).toMatchObject({
      stats: { sent: 3, bounced: 1, hardBounced: 1, replied: 1, replyRate: 0.5 },
      replied: { messages: [{ failures: 2 }, { failures: 0 }] },
      enrollment: { repliedAt: 7 },
      bounced: { messages: [{ bouncedAt: 6, hardBouncedAt: 6 }] },
      pending: { pending: { attempt: 4, failures: 3 } },
      events: { items: [{ kind: "message.bounced", bounceType: "hard", messageIds: ["m"] }] }
    })
  }
)
