/** The webhooks of the `ServerStore` in SQLite. */
import type Database from "better-sqlite3"
import {
  maxPendingDeliveries,
  maxWebhooks,
  type Webhook,
  type WebhookDelivery,
  type WebhookRef
} from "../../webhooks/Webhook.ts"
import type { WebhookStore } from "../../webhooks/WebhookStore.ts"
import { cursorOfDelivery, parseDeliveryCursor } from "../deliveryCursor.ts"
import {
  attemptColumns,
  changedColumns,
  deliveryColumns,
  deliveryOf,
  type Row,
  webhookColumns,
  webhookOf
} from "../webhookRows.ts"

/**
 * A row of `server_webhook` stands for its deliveries: `ready_at` is the time since which one of them
 * waits, or null. A removed endpoint keeps its row until its deliveries are swept.
 */
export const migration = `
  CREATE TABLE server_webhook (
    id TEXT NOT NULL PRIMARY KEY,
    workspace TEXT NOT NULL,
    url TEXT NOT NULL,
    events TEXT NOT NULL,
    created_at REAL NOT NULL,
    disabled_at REAL,
    disabled_reason TEXT CHECK (disabled_reason IN ('requested', 'failing', 'gone')),
    secret TEXT NOT NULL,
    previous_secret TEXT,
    previous_until REAL,
    failing_since REAL,
    failures INTEGER NOT NULL,
    is_slow INTEGER NOT NULL CHECK (is_slow IN (0, 1)),
    cursor TEXT,
    cursor_offset INTEGER NOT NULL,
    read_at REAL NOT NULL,
    served_at REAL NOT NULL,
    ready_at REAL,
    is_removed INTEGER NOT NULL CHECK (is_removed IN (0, 1)),
    CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL)),
    CHECK ((previous_secret IS NULL) = (previous_until IS NULL))
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX server_webhook_of_workspace ON server_webhook (workspace) WHERE is_removed = 0;
  CREATE INDEX server_webhook_to_read ON server_webhook (read_at) WHERE disabled_at IS NULL;
  CREATE INDEX server_webhook_ready ON server_webhook (is_slow, ready_at) WHERE disabled_at IS NULL;
  CREATE INDEX server_webhook_rotating ON server_webhook (previous_until) WHERE previous_until IS NOT NULL;
  CREATE INDEX server_webhook_removed ON server_webhook (id) WHERE is_removed = 1;

  -- The event of a delivery by ids and numbers: a body is made of it for each attempt.
  CREATE TABLE server_delivery (
    webhook TEXT NOT NULL,
    id TEXT NOT NULL,
    subject TEXT NOT NULL,
    at REAL NOT NULL,
    created_at REAL NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
    next_at REAL,
    ended_at REAL,
    last_at REAL,
    last_outcome TEXT,
    attempts INTEGER NOT NULL,
    attempts_before INTEGER NOT NULL,
    PRIMARY KEY (webhook, id),
    CHECK ((state = 'pending') = (next_at IS NOT NULL)),
    CHECK ((state = 'pending') = (ended_at IS NULL))
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX server_delivery_due ON server_delivery (webhook, next_at, id) WHERE state = 'pending';
  CREATE INDEX server_delivery_listed ON server_delivery (webhook, state, created_at, id);
  CREATE INDEX server_delivery_ended ON server_delivery (ended_at) WHERE ended_at IS NOT NULL;
`

type Values = ReadonlyArray<string | number | null>

/** Makes the statement that inserts an object by its columns. */
const insertSql = (table: string, columns: object, conflict = ""): string => {
  const names = Object.keys(columns)
  return `INSERT INTO ${table} (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")}) ${conflict}`
}

const setSql = (columns: object): string =>
  Object.keys(columns)
    .map((name) => `${name} = ?`)
    .join(", ")

const refreshed = `ready_at = (
  SELECT max(server_webhook.served_at, next_at) FROM server_delivery
  WHERE webhook = server_webhook.id AND state = 'pending' ORDER BY next_at LIMIT 1
)`

/** Runs a piece of work, and throws errors of the driver as those of the store. */
type Attempt = <A>(piece: () => A) => A

export const make = (db: Database.Database, attempt: Attempt): WebhookStore => {
  const statements = new Map<string, Database.Statement<Array<string | number | null>, Row>>()
  const prepared = (sql: string): Database.Statement<Array<string | number | null>, Row> => {
    const known = statements.get(sql) ?? db.prepare<Array<string | number | null>, Row>(sql)
    statements.set(sql, known)
    return known
  }
  const all = (sql: string, ...values: Values): ReadonlyArray<Row> => prepared(sql).all(...values)
  const run = (sql: string, ...values: Values): number => prepared(sql).run(...values).changes
  const inTransaction = async <A>(work: () => A): Promise<A> => {
    const transaction = db.transaction(work)
    return attempt(() => transaction.immediate())
  }

  /** Whether there is such an endpoint. A look takes no lock, and most of them find nothing to do. */
  const isThere = (condition: string, ...values: Values): boolean =>
    attempt(() => all(`SELECT 1 FROM server_webhook WHERE ${condition} LIMIT 1`, ...values)).length > 0

  const find = ({ id, workspaceId }: WebhookRef): Webhook | undefined =>
    all(
      "SELECT * FROM server_webhook WHERE id = ? AND workspace = ? AND is_removed = 0",
      id,
      workspaceId
    ).map(webhookOf)[0]
  const write = (id: string, columns: ReturnType<typeof changedColumns>): void => {
    run(`UPDATE server_webhook SET ${setSql(columns)} WHERE id = ?`, ...Object.values(columns), id)
  }
  const refresh = (id: string): void => {
    run(`UPDATE server_webhook SET ${refreshed} WHERE id = ?`, id)
  }
  const pendingOf = (id: string): number =>
    Number(
      all(
        `SELECT count(*) AS pending FROM (
           SELECT 1 FROM server_delivery WHERE webhook = ? AND state = 'pending' LIMIT ${maxPendingDeliveries}
         )`,
        id
      )[0]?.["pending"]
    )
  const addTo = (id: string, deliveries: ReadonlyArray<WebhookDelivery>): void => {
    for (const delivery of deliveries) {
      const columns = deliveryColumns(id, delivery)
      run(insertSql("server_delivery", columns, "ON CONFLICT DO NOTHING"), ...Object.values(columns))
    }
  }

  return {
    add: (webhook) =>
      inTransaction(() => {
        const [{ held } = { held: 0 }] = all(
          "SELECT count(*) AS held FROM server_webhook WHERE workspace = ? AND is_removed = 0",
          webhook.workspaceId
        )
        if (Number(held) >= maxWebhooks) return false
        const columns = webhookColumns(webhook)
        run(insertSql("server_webhook", columns), ...Object.values(columns))
        return true
      }),
    get: async (ref) => attempt(() => find(ref)),
    list: async (workspaceId) =>
      attempt(() =>
        all(
          "SELECT * FROM server_webhook WHERE workspace = ? AND is_removed = 0 ORDER BY created_at, id",
          workspaceId
        ).map(webhookOf)
      ),
    update: (ref, change) =>
      inTransaction(() => {
        const webhook = find(ref)
        if (webhook === undefined) return undefined
        const { health, secrets, status } = change(webhook)
        write(webhook.id, changedColumns({ health, secrets, status }))
        return { ...webhook, health, secrets, status }
      }),
    remove: ({ id, workspaceId }) =>
      inTransaction(
        () =>
          run(
            `UPDATE server_webhook
             SET is_removed = 1, disabled_at = created_at, disabled_reason = 'requested', url = '',
               secret = '', previous_secret = NULL, previous_until = NULL
             WHERE id = ? AND workspace = ? AND is_removed = 0`,
            id,
            workspaceId
          ) > 0
      ),
    takeReads: async ({ limit, now, until }) => {
      if (!isThere("disabled_at IS NULL AND read_at <= ?", now)) return []
      return inTransaction(() => {
        const taken = all(
          "SELECT * FROM server_webhook WHERE disabled_at IS NULL AND read_at <= ? ORDER BY read_at, id LIMIT ?",
          now,
          limit
        ).map(webhookOf)
        for (const { id } of taken) run("UPDATE server_webhook SET read_at = ? WHERE id = ?", until, id)
        return taken.filter(({ id }) => pendingOf(id) < maxPendingDeliveries)
      })
    },
    advance: ({ id, workspaceId }, { deliveries, from, readAt, to }) =>
      inTransaction(() => {
        const moved = run(
          `UPDATE server_webhook SET cursor = ?, cursor_offset = ?, read_at = ?
           WHERE id = ? AND workspace = ? AND disabled_at IS NULL AND cursor IS ? AND cursor_offset = ?`,
          ...[to.cursor, to.offset, readAt, id, workspaceId, from.cursor, from.offset]
        )
        if (moved === 0) return false
        addTo(id, deliveries)
        if (deliveries.length > 0) refresh(id)
        return true
      }),
    queue: (ref, deliveries) =>
      inTransaction(() => {
        const webhook = find(ref)
        if (webhook === undefined) return false
        if (pendingOf(webhook.id) + deliveries.length > maxPendingDeliveries) return false
        addTo(webhook.id, deliveries)
        refresh(webhook.id)
        return true
      }),
    takeDue: async ({ isSlow, limit, now, until, without }) => {
      if (!isThere("disabled_at IS NULL AND is_slow = ? AND ready_at <= ?", isSlow ? 1 : 0, now)) return []
      return inTransaction(() => {
        // The longest waiting of each workspace: SQLite gives the other columns of the row of `min`.
        const firsts = all(
          `SELECT id, min(ready_at) FROM (
             SELECT id, workspace, ready_at FROM server_webhook
             WHERE disabled_at IS NULL AND is_slow = ? AND ready_at <= ?
               AND workspace NOT IN (SELECT value FROM json_each(?))
             ORDER BY ready_at, id LIMIT ?
           ) GROUP BY workspace ORDER BY min(ready_at), id LIMIT ?`,
          ...[isSlow ? 1 : 0, now, JSON.stringify(without), limit * maxWebhooks, limit]
        )
        return firsts.flatMap(({ id }) => {
          const webhookId = String(id)
          const taken = all(
            `UPDATE server_delivery SET attempts = attempts + 1, next_at = ?
             WHERE webhook = ? AND id = (
               SELECT id FROM server_delivery WHERE webhook = ? AND state = 'pending' AND next_at <= ?
               ORDER BY next_at, id LIMIT 1
             ) RETURNING *`,
            ...[until, webhookId, webhookId, now]
          ).map(deliveryOf)
          run("UPDATE server_webhook SET served_at = ? WHERE id = ?", now, webhookId)
          refresh(webhookId)
          const [webhook] = all("SELECT * FROM server_webhook WHERE id = ?", webhookId).map(webhookOf)
          return webhook === undefined ? [] : taken.map((delivery) => ({ delivery, webhook }))
        })
      })
    },
    record: (taken, rule) =>
      inTransaction(() => {
        const webhook = find(taken.webhook)
        const [delivery] = all(
          "SELECT * FROM server_delivery WHERE webhook = ? AND id = ? AND state = 'pending' AND attempts = ?",
          ...[taken.webhook.id, taken.delivery.id, taken.delivery.attempts]
        ).map(deliveryOf)
        if (webhook === undefined || delivery === undefined) return undefined
        const recorded = rule(delivery, webhook)
        const columns = attemptColumns(recorded.delivery)
        run(
          `UPDATE server_delivery SET ${setSql(columns)} WHERE webhook = ? AND id = ?`,
          ...Object.values(columns),
          webhook.id,
          delivery.id
        )
        write(webhook.id, changedColumns({ ...webhook, ...recorded.webhook }))
        refresh(webhook.id)
        return recorded
      }),
    deliveries: async (ref, { after, limit, state }) =>
      attempt(() => {
        const webhook = find(ref)
        if (webhook === undefined) return { items: [], next: null }
        const { createdAt, id } = after === null ? { createdAt: 1e300, id: "" } : parseDeliveryCursor(after)
        const states = state === null ? ["pending", "delivered", "failed"] : [state]
        const found = states
          .flatMap((each) =>
            all(
              `SELECT * FROM server_delivery
               WHERE webhook = ? AND state = ? AND (created_at, id) < (?, ?)
               ORDER BY created_at DESC, id DESC LIMIT ?`,
              ...[webhook.id, each, createdAt, id, limit + 1]
            ).map(deliveryOf)
          )
          .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1))
        const items = found.slice(0, limit)
        const last = items.at(-1)
        return {
          items,
          next: last === undefined || found.length <= limit ? null : cursorOfDelivery(last)
        }
      }),
    redeliver: (ref, { ids, limit, now }) =>
      inTransaction(() => {
        const webhook = find(ref)
        if (webhook === undefined) return 0
        const named =
          ids === null
            ? { sql: "state = 'failed'", values: [] }
            : {
                sql: "state <> 'pending' AND id IN (SELECT value FROM json_each(?))",
                values: [JSON.stringify(ids)]
              }
        const redelivered = run(
          `UPDATE server_delivery
           SET state = 'pending', next_at = ?, ended_at = NULL, attempts_before = attempts
           WHERE webhook = ? AND id IN (
             SELECT id FROM server_delivery WHERE webhook = ? AND ${named.sql} ORDER BY created_at, id LIMIT ?
           )`,
          ...[now, webhook.id, webhook.id, ...named.values, limit]
        )
        refresh(webhook.id)
        return redelivered
      }),
    sweep: ({ endedBefore, limit, now }) =>
      inTransaction(() => {
        run(
          "UPDATE server_webhook SET previous_secret = NULL, previous_until = NULL WHERE previous_until <= ?",
          now
        )
        const [removed] = all("SELECT id FROM server_webhook WHERE is_removed = 1 LIMIT 1")
        if (removed !== undefined) {
          const id = String(removed["id"])
          const swept = run(
            "DELETE FROM server_delivery WHERE webhook = ? AND id IN (SELECT id FROM server_delivery WHERE webhook = ? LIMIT ?)",
            ...[id, id, limit]
          )
          if (swept < limit) run("DELETE FROM server_webhook WHERE id = ?", id)
          return true
        }
        return (
          run(
            `DELETE FROM server_delivery WHERE (webhook, id) IN (
               SELECT webhook, id FROM server_delivery WHERE ended_at < ? ORDER BY ended_at LIMIT ?
             )`,
            ...[endedBefore, limit]
          ) === limit
        )
      })
  }
}
