/**
 * The schema, as a list of migrations. It is only ever appended to from the first release on. Rows
 * name each other by integer keys that never leave this package. The constraints hold what a bug
 * above must not break: one lead per workspace and key, one enrolment per campaign and lead (ID-1),
 * one message per campaign, lead and step for ever (SQ-3), and one pending message per enrolment
 * (SQ-2). Times are milliseconds since 1970, as the doubles that they are in the core.
 */

/** The `application_id` of our files: "Lead" in ASCII. */
export const applicationId = 0x4c656164

export const migrations: ReadonlyArray<string> = [
  `
  -- erased counts those of the suppressions that are hashes of erased addresses. test_clock is null
  -- in a live workspace.
  CREATE TABLE workspace (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    test_clock REAL,
    suppressions INTEGER NOT NULL DEFAULT 0 CHECK (suppressions >= 0),
    erased INTEGER NOT NULL DEFAULT 0 CHECK (0 <= erased AND erased <= suppressions)
  ) STRICT;

  -- bounced counts hard and soft bounces, replied counts enrolments.
  CREATE TABLE campaign (
    id INTEGER PRIMARY KEY,
    workspace INTEGER NOT NULL REFERENCES workspace,
    public_id TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('draft', 'running', 'paused')),
    steps TEXT NOT NULL,
    created_at REAL NOT NULL,
    started_at REAL,
    paused_at REAL,
    enrolled INTEGER NOT NULL DEFAULT 0,
    active INTEGER NOT NULL DEFAULT 0,
    pending INTEGER NOT NULL DEFAULT 0,
    sent INTEGER NOT NULL DEFAULT 0,
    delivered INTEGER NOT NULL DEFAULT 0,
    opened INTEGER NOT NULL DEFAULT 0,
    bounced INTEGER NOT NULL DEFAULT 0,
    replied INTEGER NOT NULL DEFAULT 0,
    hard_bounced INTEGER NOT NULL DEFAULT 0,
    UNIQUE (workspace, public_id),
    CHECK ((status = 'draft') = (started_at IS NULL)),
    CHECK ((status = 'paused') = (paused_at IS NOT NULL)),
    CHECK (0 <= pending AND pending <= active AND active <= enrolled)
  ) STRICT;

  -- A claim skips campaigns that have no message to send.
  CREATE INDEX campaign_sending ON campaign (workspace) WHERE status = 'running' AND pending > 0;

  -- Leads that one decision makes share the start of their ids, their batch. A lead's row number is
  -- its batch and the rest of its id, so that neither an id nor a workspace's order needs an index
  -- with an entry for each lead. See leadRows.ts.
  CREATE TABLE lead_batch (
    id INTEGER PRIMARY KEY,
    workspace INTEGER NOT NULL REFERENCES workspace,
    ulid TEXT NOT NULL,
    UNIQUE (workspace, ulid)
  ) STRICT;

  -- The batches of a workspace in the order in which they were made: each entry ends in the rowid.
  CREATE INDEX lead_batch_of_workspace ON lead_batch (workspace);

  -- email is the first spelling, null where that is the key; custom_fields is a JSON object, null
  -- where it is empty.
  CREATE TABLE lead (
    id INTEGER PRIMARY KEY,
    workspace INTEGER NOT NULL REFERENCES workspace,
    key TEXT NOT NULL,
    email TEXT,
    first_name TEXT,
    last_name TEXT,
    company TEXT,
    job_title TEXT,
    custom_fields TEXT,
    created_at REAL NOT NULL,
    updated_at REAL NOT NULL,
    UNIQUE (workspace, key)
  ) STRICT;

  CREATE TABLE enrollment (
    campaign INTEGER NOT NULL REFERENCES campaign,
    lead INTEGER NOT NULL REFERENCES lead,
    position INTEGER NOT NULL DEFAULT 0 CHECK (position >= 0),
    state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'completed', 'ended')),
    end_reason TEXT,
    enrolled_at REAL NOT NULL,
    ended_at REAL,
    replied_at REAL,
    PRIMARY KEY (campaign, lead),
    CHECK ((state = 'active') = (ended_at IS NULL)),
    CHECK ((state = 'ended') = (end_reason IS NOT NULL))
  ) STRICT, WITHOUT ROWID;

  -- A leased message is pending too. An expired lease may still be written 'leased', or 'queued'
  -- again; its token stays current until the next claim. failures are bounded, attempts are not.
  CREATE TABLE message (
    campaign INTEGER NOT NULL,
    lead INTEGER NOT NULL,
    step INTEGER NOT NULL CHECK (step >= 0),
    state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'leased', 'sent', 'cancelled', 'failed')),
    due_at REAL NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    token TEXT,
    leased_until REAL,
    sent_at REAL,
    delivered_at REAL,
    opened_at REAL,
    bounced_at REAL,
    replied_at REAL,
    unsubscribed_at REAL,
    hard_bounced_at REAL,
    failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    PRIMARY KEY (campaign, lead, step),
    FOREIGN KEY (campaign, lead) REFERENCES enrollment,
    CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
    CHECK ((token IS NULL) = (leased_until IS NULL)),
    CHECK (state <> 'leased' OR token IS NOT NULL)
  ) STRICT, WITHOUT ROWID;

  CREATE UNIQUE INDEX one_pending_message ON message (campaign, lead) WHERE state IN ('queued', 'leased');
  CREATE INDEX message_due ON message (campaign, due_at) WHERE state = 'queued';
  CREATE INDEX message_leased ON message (campaign, leased_until) WHERE state = 'leased';

  CREATE TABLE suppression (
    workspace INTEGER NOT NULL REFERENCES workspace,
    entry TEXT NOT NULL,
    reason TEXT NOT NULL,
    suppressed_at REAL NOT NULL,
    PRIMARY KEY (workspace, entry)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    workspace INTEGER NOT NULL REFERENCES workspace,
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    at REAL NOT NULL,
    event TEXT NOT NULL,
    UNIQUE (workspace, sequence)
  ) STRICT;

  -- Erased addresses that stay suppressed, as hashes under the secret of the file.
  CREATE TABLE erasure (
    workspace INTEGER NOT NULL REFERENCES workspace,
    hash TEXT NOT NULL,
    erased_at REAL NOT NULL,
    PRIMARY KEY (workspace, hash)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE erasure_secret (id INTEGER PRIMARY KEY CHECK (id = 1), secret BLOB NOT NULL) STRICT;
  INSERT INTO erasure_secret (id, secret) VALUES (1, randomblob(32));

  -- The bytes of the last erasures are still in the file where cleaned is below erasures.
  CREATE TABLE cleaning (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    erasures INTEGER NOT NULL,
    cleaned INTEGER NOT NULL CHECK (cleaned <= erasures)
  ) STRICT;
  INSERT INTO cleaning (id, erasures, cleaned) VALUES (1, 0, 0);

  -- Answers to idempotency keys: keyed hashes, and a letter per row.
  CREATE TABLE answer (
    id INTEGER PRIMARY KEY,
    workspace INTEGER NOT NULL REFERENCES workspace,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    answer TEXT NOT NULL,
    kept_at REAL NOT NULL,
    UNIQUE (workspace, key)
  ) STRICT;

  CREATE INDEX answer_kept ON answer (workspace, kept_at);
  `
]
