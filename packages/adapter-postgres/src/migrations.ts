/**
 * The schema, as a list of migrations. It is only ever appended to from the first release on. Every
 * key begins with the workspace, so that tables can be split or distributed by it and no statement
 * but `workspacesDue` leaves one workspace. Within it campaigns, batches and leads are numbered in
 * the order in which they were made; a lead's number is that of its batch times 32,768 and its
 * place in it. The constraints hold what a bug above must not break: one lead per workspace and key,
 * one enrolment per campaign and lead (ID-1), one message per campaign, lead and step for ever
 * (SQ-3), one pending message per enrolment (SQ-2). Text that is compared is so by its bytes. Times
 * are milliseconds since 1970, as the doubles that they are in the core.
 */

/** Makes a table, whole or in parts; one whose rows change leaves room for that in its pages. */
type Table = (name: string, columns: string, changes?: "changes") => string

export const tableIn =
  (partitions: number): Table =>
  (name, columns, changes) => {
    const room = changes === undefined ? "" : " WITH (fillfactor = 80)"
    if (partitions === 0) return `CREATE TABLE ${name} (${columns})${room};`
    const parts = Array.from(
      { length: partitions },
      (_, part) =>
        `CREATE TABLE ${name}_${part} PARTITION OF ${name} FOR VALUES WITH (MODULUS ${partitions}, REMAINDER ${part})${room};`
    )
    return [`CREATE TABLE ${name} (${columns}) PARTITION BY HASH (workspace);`, ...parts].join("\n")
  }

/** Columns that may name a person. */
const personal: ReadonlyArray<readonly [table: string, columns: ReadonlyArray<string>]> = [
  ["lead", ["key", "email", "first_name", "last_name", "company", "job_title", "custom_fields"]],
  ["suppression", ["entry", "reason"]]
]

/** All parts of a table follow. */
const withoutStatistics = personal
  .map(
    ([table, columns]) =>
      `ALTER TABLE ${table} ${columns.map((column) => `ALTER COLUMN ${column} SET STATISTICS 0`).join(", ")};`
  )
  .join("\n  ")

export const migrations: ReadonlyArray<(table: Table) => string> = [
  (table) => `
  -- erased counts those of the suppressions that are hashes of erased addresses. test_clock is null
  -- in a live workspace.
  ${table(
    "workspace",
    `workspace text COLLATE "C" PRIMARY KEY,
    suppressions bigint NOT NULL DEFAULT 0,
    erased bigint NOT NULL DEFAULT 0,
    campaigns integer NOT NULL DEFAULT 0,
    lead_batches bigint NOT NULL DEFAULT 0,
    events bigint NOT NULL DEFAULT 0,
    secret text NOT NULL,
    test_clock double precision,
    CHECK (0 <= erased AND erased <= suppressions)`,
    "changes"
  )}

  ${table(
    "event",
    `workspace text COLLATE "C" NOT NULL,
    sequence bigint NOT NULL CHECK (sequence > 0),
    at double precision NOT NULL,
    event json NOT NULL,
    PRIMARY KEY (workspace, sequence)`
  )}

  -- bounced counts hard and soft bounces, replied counts enrolments.
  ${table(
    "campaign",
    `workspace text COLLATE "C" NOT NULL,
    number integer NOT NULL,
    id text COLLATE "C" NOT NULL,
    name text NOT NULL,
    status text NOT NULL CHECK (status IN ('draft', 'running', 'paused')),
    steps json NOT NULL,
    created_at double precision NOT NULL,
    started_at double precision,
    paused_at double precision,
    enrolled bigint NOT NULL DEFAULT 0,
    active bigint NOT NULL DEFAULT 0,
    pending bigint NOT NULL DEFAULT 0,
    sent bigint NOT NULL DEFAULT 0,
    delivered bigint NOT NULL DEFAULT 0,
    opened bigint NOT NULL DEFAULT 0,
    bounced bigint NOT NULL DEFAULT 0,
    replied bigint NOT NULL DEFAULT 0,
    hard_bounced bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace, number),
    UNIQUE (workspace, id),
    CHECK (0 <= pending AND pending <= active AND active <= enrolled),
    CHECK ((status = 'draft') = (started_at IS NULL)),
    CHECK ((status = 'paused') = (paused_at IS NOT NULL))`,
    "changes"
  )}

  -- ulid is all but the last three digits that the ids of the batch share.
  ${table(
    "lead_batch",
    `workspace text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    ulid text COLLATE "C" NOT NULL,
    PRIMARY KEY (workspace, number),
    UNIQUE (workspace, ulid)`
  )}

  -- email is the first spelling, null where that is the key; custom_fields is null where it is
  -- empty.
  ${table(
    "lead",
    `workspace text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    key text COLLATE "C" NOT NULL,
    email text,
    first_name text,
    last_name text,
    company text,
    job_title text,
    custom_fields json,
    created_at double precision NOT NULL,
    updated_at double precision NOT NULL,
    PRIMARY KEY (workspace, number),
    UNIQUE (workspace, key)`,
    "changes"
  )}

  ${table(
    "enrollment",
    `workspace text COLLATE "C" NOT NULL,
    campaign integer NOT NULL,
    lead bigint NOT NULL,
    position integer NOT NULL DEFAULT 0 CHECK (position >= 0),
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'completed', 'ended')),
    end_reason text,
    enrolled_at double precision NOT NULL,
    ended_at double precision,
    replied_at double precision,
    PRIMARY KEY (workspace, campaign, lead),
    CHECK ((state = 'active') = (ended_at IS NULL)),
    CHECK ((state = 'ended') = (end_reason IS NOT NULL))`,
    "changes"
  )}

  -- A leased message is pending too. An expired lease may still be written 'leased', or 'queued'
  -- again; its token stays current until the next claim. failures are bounded, attempts are not.
  ${table(
    "message",
    `workspace text COLLATE "C" NOT NULL,
    campaign integer NOT NULL,
    lead bigint NOT NULL,
    step integer NOT NULL CHECK (step >= 0),
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'leased', 'sent', 'cancelled', 'failed')),
    due_at double precision NOT NULL,
    attempt integer NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    token text,
    leased_until double precision,
    sent_at double precision,
    delivered_at double precision,
    opened_at double precision,
    bounced_at double precision,
    replied_at double precision,
    unsubscribed_at double precision,
    hard_bounced_at double precision,
    failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
    PRIMARY KEY (workspace, campaign, lead, step),
    CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
    CHECK ((token IS NULL) = (leased_until IS NULL)),
    CHECK (state <> 'leased' OR token IS NOT NULL)`,
    "changes"
  )}
  CREATE UNIQUE INDEX one_pending_message ON message (workspace, campaign, lead) WHERE state IN ('queued', 'leased');
  CREATE INDEX message_due ON message (workspace, campaign, due_at, lead) WHERE state = 'queued';
  CREATE INDEX message_leased ON message (workspace, campaign, leased_until) WHERE state = 'leased';

  ${table(
    "suppression",
    `workspace text COLLATE "C" NOT NULL,
    entry text COLLATE "C" NOT NULL,
    reason text NOT NULL,
    suppressed_at double precision NOT NULL,
    PRIMARY KEY (workspace, entry)`
  )}

  ${table(
    "erasure",
    `workspace text COLLATE "C" NOT NULL,
    hash text COLLATE "C" NOT NULL,
    erased_at double precision NOT NULL,
    PRIMARY KEY (workspace, hash)`
  )}

  -- Answers to idempotency keys: keyed hashes, and a letter per row.
  ${table(
    "answer",
    `workspace text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    fingerprint text NOT NULL,
    answer text NOT NULL,
    kept_at double precision NOT NULL,
    PRIMARY KEY (workspace, key)`
  )}
  CREATE INDEX answer_kept ON answer (workspace, kept_at);

  -- The server's statistics would show addresses, and no erasure reaches them there.
  ${withoutStatistics}
  `
]

/** Every table that holds something of a workspace. */
export const tables = [
  "workspace",
  "event",
  "campaign",
  "lead_batch",
  "lead",
  "enrollment",
  "message",
  "suppression",
  "erasure",
  "answer"
] as const
