/**
 * The webhooks of the `ServerStore` in PostgreSQL. A transaction that changes deliveries locks the
 * row of their endpoint first.
 */
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
  webhookColumns,
  webhookOf
} from "../webhookRows.ts"

/**
 * A row of `server_webhook` stands for its deliveries: `ready_at` is the time since which one of them
 * waits, or null. A removed endpoint keeps its row until its deliveries are swept.
 */
export const migration = `
  CREATE TABLE server_webhook (
    id text COLLATE "C" PRIMARY KEY,
    workspace text COLLATE "C" NOT NULL,
    url text NOT NULL,
    events text NOT NULL,
    created_at double precision NOT NULL,
    disabled_at double precision,
    disabled_reason text CHECK (disabled_reason IN ('requested', 'failing', 'gone')),
    secret text NOT NULL,
    previous_secret text,
    previous_until double precision,
    failing_since double precision,
    failures integer NOT NULL,
    is_slow integer NOT NULL CHECK (is_slow IN (0, 1)),
    cursor text,
    cursor_offset integer NOT NULL,
    read_at double precision NOT NULL,
    served_at double precision NOT NULL,
    ready_at double precision,
    is_removed integer NOT NULL CHECK (is_removed IN (0, 1)),
    CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL)),
    CHECK ((previous_secret IS NULL) = (previous_until IS NULL))
  );

  CREATE INDEX server_webhook_of_workspace ON server_webhook (workspace) WHERE is_removed = 0;
  CREATE INDEX server_webhook_to_read ON server_webhook (read_at) WHERE disabled_at IS NULL;
  CREATE INDEX server_webhook_ready ON server_webhook (is_slow, ready_at) WHERE disabled_at IS NULL;
  CREATE INDEX server_webhook_rotating ON server_webhook (previous_until) WHERE previous_until IS NOT NULL;
  CREATE INDEX server_webhook_removed ON server_webhook (id) WHERE is_removed = 1;

  -- The event of a delivery by ids and numbers: a body is made of it for each attempt.
  CREATE TABLE server_delivery (
    webhook text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    subject text NOT NULL,
    at double precision NOT NULL,
    created_at double precision NOT NULL,
    state text NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
    next_at double precision,
    ended_at double precision,
    last_at double precision,
    last_outcome text,
    attempts integer NOT NULL,
    attempts_before integer NOT NULL,
    PRIMARY KEY (webhook, id),
    CHECK ((state = 'pending') = (next_at IS NOT NULL)),
    CHECK ((state = 'pending') = (ended_at IS NULL))
  );

  CREATE INDEX server_delivery_due ON server_delivery (webhook, next_at, id) WHERE state = 'pending';
  CREATE INDEX server_delivery_listed ON server_delivery (webhook, state, created_at, id);
  CREATE INDEX server_delivery_ended ON server_delivery (ended_at) WHERE ended_at IS NOT NULL;
`

type TextRow = Readonly<Record<string, string | null>>

type Query = (text: string, values: Array<unknown>) => Promise<ReadonlyArray<TextRow>>

/** The database, with its errors as those of the store. Rows are read as texts. */
export interface Connection {
  readonly query: Query
  readonly inTransaction: <A>(work: (query: Query) => Promise<A>) => Promise<A>
}

/** The columns of a type of records, as `column = $n` from a number on. */
const setSql = (columns: object, first: number): string =>
  Object.keys(columns)
    .map((name, index) => `${name} = $${first + index}`)
    .join(", ")

const insertWebhook = (webhook: Webhook) => {
  const columns = webhookColumns(webhook)
  const names = Object.keys(columns)
  return {
    text: `INSERT INTO server_webhook (${names.join(", ")}) VALUES (${names.map((_, index) => `$${index + 1}`).join(", ")})`,
    values: Object.values(columns)
  }
}

const deliveryTypes = {
  webhook: "text",
  id: "text",
  subject: "text",
  at: "float8",
  created_at: "float8",
  state: "text",
  next_at: "float8",
  ended_at: "float8",
  last_at: "float8",
  last_outcome: "text",
  attempts: "int4",
  attempts_before: "int4"
} satisfies Record<keyof ReturnType<typeof deliveryColumns>, string>

const insertDeliveriesSql = `
  INSERT INTO server_delivery (${Object.keys(deliveryTypes).join(", ")})
  SELECT * FROM unnest(${Object.values(deliveryTypes)
    .map((type, index) => `$${index + 1}::${type}[]`)
    .join(", ")})
  ON CONFLICT DO NOTHING`

const addTo = async (query: Query, id: string, deliveries: ReadonlyArray<WebhookDelivery>): Promise<void> => {
  if (deliveries.length === 0) return
  const rows = deliveries.map((delivery) => Object.values(deliveryColumns(id, delivery)))
  await query(
    insertDeliveriesSql,
    Object.keys(deliveryTypes).map((_, index) => rows.map((row) => row[index]))
  )
}

const refreshed = `ready_at = (
  SELECT greatest(server_webhook.served_at, next_at) FROM server_delivery
  WHERE webhook = server_webhook.id AND state = 'pending' ORDER BY next_at LIMIT 1
)`

const refresh = (query: Query, id: string) =>
  query(`UPDATE server_webhook SET ${refreshed} WHERE id = $1`, [id])

const findSql = "SELECT * FROM server_webhook WHERE id = $1 AND workspace = $2 AND is_removed = 0"

const find = async (query: Query, { id, workspaceId }: WebhookRef): Promise<Webhook | undefined> =>
  (await query(findSql, [id, workspaceId])).map(webhookOf)[0]

/** Locks the row of an endpoint, so that its deliveries change in one transaction at a time. */
const lock = async (query: Query, { id, workspaceId }: WebhookRef): Promise<Webhook | undefined> =>
  (await query(`${findSql} FOR UPDATE`, [id, workspaceId])).map(webhookOf)[0]

const pendingSql = `SELECT count(*) AS pending FROM (
  SELECT 1 FROM server_delivery WHERE webhook = $1 AND state = 'pending' LIMIT ${maxPendingDeliveries}
) AS waiting`

const pendingOf = async (query: Query, id: string): Promise<number> =>
  Number((await query(pendingSql, [id]))[0]?.["pending"])

const write = async (query: Query, id: string, columns: ReturnType<typeof changedColumns>): Promise<void> => {
  await query(`UPDATE server_webhook SET ${setSql(columns, 2)} WHERE id = $1`, [
    id,
    ...Object.values(columns)
  ])
}

export const make = ({ inTransaction, query }: Connection): WebhookStore => ({
  add: (webhook) =>
    inTransaction(async (query) => {
      // Two calls that add to one workspace count one after the other.
      await query("SELECT pg_advisory_xact_lock(hashtext('server_webhook'), hashtext($1))", [
        webhook.workspaceId
      ])
      const [found] = await query(
        "SELECT count(*) AS held FROM server_webhook WHERE workspace = $1 AND is_removed = 0",
        [webhook.workspaceId]
      )
      if (Number(found?.["held"]) >= maxWebhooks) return false
      const { text, values } = insertWebhook(webhook)
      await query(text, values)
      return true
    }),
  get: (ref) => find(query, ref),
  list: async (workspaceId) =>
    (
      await query(
        "SELECT * FROM server_webhook WHERE workspace = $1 AND is_removed = 0 ORDER BY created_at, id",
        [workspaceId]
      )
    ).map(webhookOf),
  update: (ref, change) =>
    inTransaction(async (query) => {
      const webhook = await lock(query, ref)
      if (webhook === undefined) return undefined
      const { health, secrets, status } = change(webhook)
      await write(query, webhook.id, changedColumns({ health, secrets, status }))
      return { ...webhook, health, secrets, status }
    }),
  remove: async ({ id, workspaceId }) =>
    (
      await query(
        `UPDATE server_webhook
         SET is_removed = 1, disabled_at = created_at, disabled_reason = 'requested', url = '',
           secret = '', previous_secret = NULL, previous_until = NULL
         WHERE id = $1 AND workspace = $2 AND is_removed = 0 RETURNING id`,
        [id, workspaceId]
      )
    ).length > 0,
  takeReads: async ({ limit, now, until }) =>
    (
      await query(
        `WITH due AS (
           SELECT id, read_at AS waited_since FROM server_webhook
           WHERE disabled_at IS NULL AND read_at <= $1
           ORDER BY read_at, id LIMIT $3 FOR UPDATE SKIP LOCKED
         ), taken AS (
           UPDATE server_webhook SET read_at = $2 FROM due WHERE server_webhook.id = due.id
           RETURNING server_webhook.*, waited_since
         )
         SELECT * FROM taken
         WHERE (SELECT count(*) FROM (
           SELECT 1 FROM server_delivery
           WHERE webhook = taken.id AND state = 'pending' LIMIT ${maxPendingDeliveries}
         ) AS waiting) < ${maxPendingDeliveries}
         ORDER BY waited_since, id`,
        [now, until, limit]
      )
    ).map(webhookOf),
  advance: ({ id, workspaceId }, { deliveries, from, readAt, to }) =>
    inTransaction(async (query) => {
      const moved = await query(
        `UPDATE server_webhook SET cursor = $1, cursor_offset = $2, read_at = $3
         WHERE id = $4 AND workspace = $5 AND disabled_at IS NULL
           AND cursor IS NOT DISTINCT FROM $6 AND cursor_offset = $7 RETURNING id`,
        [to.cursor, to.offset, readAt, id, workspaceId, from.cursor, from.offset]
      )
      if (moved.length === 0) return false
      await addTo(query, id, deliveries)
      if (deliveries.length > 0) await refresh(query, id)
      return true
    }),
  queue: (ref, deliveries) =>
    inTransaction(async (query) => {
      const webhook = await lock(query, ref)
      if (webhook === undefined) return false
      if ((await pendingOf(query, webhook.id)) + deliveries.length > maxPendingDeliveries) return false
      await addTo(query, webhook.id, deliveries)
      await refresh(query, webhook.id)
      return true
    }),
  takeDue: async ({ isSlow, limit, now, until, without }) => {
    const readySql = "disabled_at IS NULL AND is_slow = $1 AND ready_at <= $2"
    const firsts = await query(
      `SELECT id FROM (
         SELECT DISTINCT ON (workspace) id, ready_at FROM (
           SELECT id, workspace, ready_at FROM server_webhook
           WHERE ${readySql} AND workspace <> ALL ($3::text[]) ORDER BY ready_at, id LIMIT $4
         ) AS ready ORDER BY workspace, ready_at, id
       ) AS firsts ORDER BY ready_at, id LIMIT $5`,
      [isSlow ? 1 : 0, now, without, limit * maxWebhooks, limit]
    )
    if (firsts.length === 0) return []
    return inTransaction(async (query) => {
      // Another process that takes from an endpoint at the same time has its row.
      const locked = await query(
        `SELECT id FROM server_webhook WHERE ${readySql} AND id = ANY ($3::text[])
         ORDER BY id FOR UPDATE SKIP LOCKED`,
        [isSlow ? 1 : 0, now, firsts.map(({ id }) => id)]
      )
      const ids = locked.map(({ id }) => id)
      const taken = await query(
        `UPDATE server_delivery SET attempts = attempts + 1, next_at = $3
         FROM unnest($1::text[]) AS endpoint (id) CROSS JOIN LATERAL (
           SELECT webhook, server_delivery.id FROM server_delivery
           WHERE webhook = endpoint.id AND state = 'pending' AND next_at <= $2
           ORDER BY next_at, server_delivery.id LIMIT 1
         ) AS due
         WHERE server_delivery.webhook = due.webhook AND server_delivery.id = due.id
         RETURNING server_delivery.*`,
        [ids, now, until]
      )
      await query("UPDATE server_webhook SET served_at = $2 WHERE id = ANY ($1::text[])", [ids, now])
      const webhooks = new Map(
        (
          await query(`UPDATE server_webhook SET ${refreshed} WHERE id = ANY ($1::text[]) RETURNING *`, [ids])
        ).map((row) => [String(row["id"]), webhookOf(row)])
      )
      const deliveries = new Map(taken.map((row) => [String(row["webhook"]), deliveryOf(row)]))
      return firsts.flatMap(({ id }) => {
        const delivery = deliveries.get(String(id))
        const webhook = webhooks.get(String(id))
        return delivery === undefined || webhook === undefined ? [] : [{ delivery, webhook }]
      })
    })
  },
  record: (taken, rule) =>
    inTransaction(async (query) => {
      const webhook = await lock(query, taken.webhook)
      if (webhook === undefined) return undefined
      const found = await query(
        "SELECT * FROM server_delivery WHERE webhook = $1 AND id = $2 AND state = 'pending' AND attempts = $3",
        [webhook.id, taken.delivery.id, taken.delivery.attempts]
      )
      const [delivery] = found.map(deliveryOf)
      if (delivery === undefined) return undefined
      const recorded = rule(delivery, webhook)
      const columns = attemptColumns(recorded.delivery)
      await query(`UPDATE server_delivery SET ${setSql(columns, 3)} WHERE webhook = $1 AND id = $2`, [
        webhook.id,
        delivery.id,
        ...Object.values(columns)
      ])
      await write(query, webhook.id, changedColumns({ ...webhook, ...recorded.webhook }))
      await refresh(query, webhook.id)
      return recorded
    }),
  deliveries: async (ref, { after, limit, state }) => {
    const webhook = await find(query, ref)
    if (webhook === undefined) return { items: [], next: null }
    const { createdAt, id } = after === null ? { createdAt: 1e300, id: "" } : parseDeliveryCursor(after)
    const states = state === null ? ["pending", "delivered", "failed"] : [state]
    const found = (
      await query(
        `SELECT page.* FROM unnest($2::text[]) AS wanted (state) CROSS JOIN LATERAL (
           SELECT * FROM server_delivery
           WHERE webhook = $1 AND server_delivery.state = wanted.state
             AND (created_at, server_delivery.id) < ($3::float8, $4)
           ORDER BY created_at DESC, server_delivery.id DESC LIMIT $5
         ) AS page ORDER BY page.created_at DESC, page.id DESC LIMIT $5`,
        [webhook.id, states, createdAt, id, limit + 1]
      )
    ).map(deliveryOf)
    const items = found.slice(0, limit)
    const last = items.at(-1)
    return { items, next: last === undefined || found.length <= limit ? null : cursorOfDelivery(last) }
  },
  redeliver: (ref, { ids, limit, now }) =>
    inTransaction(async (query) => {
      const webhook = await lock(query, ref)
      if (webhook === undefined) return 0
      const named =
        ids === null
          ? { sql: "state = 'failed'", values: [] }
          : { sql: "state <> 'pending' AND id = ANY ($4::text[])", values: [ids] }
      const redelivered = await query(
        `UPDATE server_delivery
         SET state = 'pending', next_at = $2, ended_at = NULL, attempts_before = attempts
         WHERE webhook = $1 AND id IN (
           SELECT id FROM server_delivery WHERE webhook = $1 AND ${named.sql} ORDER BY created_at, id LIMIT $3
         ) RETURNING id`,
        [webhook.id, now, limit, ...named.values]
      )
      await refresh(query, webhook.id)
      return redelivered.length
    }),
  sweep: ({ endedBefore, limit, now }) =>
    inTransaction(async (query) => {
      await query(
        "UPDATE server_webhook SET previous_secret = NULL, previous_until = NULL WHERE previous_until <= $1",
        [now]
      )
      const [removed] = await query(
        "SELECT id FROM server_webhook WHERE is_removed = 1 LIMIT 1 FOR UPDATE SKIP LOCKED",
        []
      )
      if (removed !== undefined) {
        const swept = await query(
          `DELETE FROM server_delivery
           WHERE webhook = $1 AND id IN (SELECT id FROM server_delivery WHERE webhook = $1 LIMIT $2)
           RETURNING id`,
          [removed["id"], limit]
        )
        if (swept.length < limit) await query("DELETE FROM server_webhook WHERE id = $1", [removed["id"]])
        return true
      }
      const swept = await query(
        `DELETE FROM server_delivery WHERE (webhook, id) IN (
           SELECT webhook, id FROM server_delivery WHERE ended_at < $1 ORDER BY ended_at LIMIT $2
           FOR UPDATE SKIP LOCKED
         ) RETURNING id`,
        [endedBefore, limit]
      )
      return swept.length === limit
    })
})
