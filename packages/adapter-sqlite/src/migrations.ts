/**
 * The schema, as a list of migrations that is only ever appended to: `user_version` is the number applied. Rows
 * name each other by integer keys that never leave this package. The constraints hold what a bug above must
 * not break: one lead per workspace and key, one enrolment per campaign and lead (ID-1), one message per
 * campaign, lead and step for ever (SQ-3), and one queued message per enrolment (SQ-2). Times are milliseconds
 * since 1970, as the doubles that they are in the core.
 */

/** The `application_id` of our files: "Lead" in ASCII. */
export const applicationId = 0x4c656164

export const migrations: ReadonlyArray<string> = [
  `
  CREATE TABLE workspace (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    suppressions INTEGER NOT NULL DEFAULT 0 CHECK (suppressions >= 0)
  ) STRICT;

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
    UNIQUE (workspace, public_id),
    CHECK ((status = 'draft') = (started_at IS NULL)),
    CHECK ((status = 'paused') = (paused_at IS NOT NULL)),
    CHECK (0 <= pending AND pending <= active AND active <= enrolled)
  ) STRICT;

  -- email is the first spelling, null where that is the key; custom_fields is a JSON object, null where it is empty.
  CREATE TABLE lead (
    id INTEGER PRIMARY KEY,
    workspace INTEGER NOT NULL REFERENCES workspace,
    key TEXT NOT NULL,
    email TEXT,
    public_id TEXT NOT NULL,
    first_name TEXT,
    last_name TEXT,
    company TEXT,
    job_title TEXT,
    custom_fields TEXT,
    created_at REAL NOT NULL,
    updated_at REAL NOT NULL,
    UNIQUE (workspace, key),
    UNIQUE (workspace, public_id)
  ) STRICT;

  -- The leads of a workspace in the order in which they were made: each entry ends in the rowid.
  CREATE INDEX lead_of_workspace ON lead (workspace);

  CREATE TABLE enrollment (
    campaign INTEGER NOT NULL REFERENCES campaign,
    lead INTEGER NOT NULL REFERENCES lead,
    position INTEGER NOT NULL DEFAULT 0 CHECK (position >= 0),
    state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'ended')),
    end_reason TEXT,
    enrolled_at REAL NOT NULL,
    ended_at REAL,
    PRIMARY KEY (campaign, lead),
    CHECK ((state = 'ended') = (ended_at IS NOT NULL)),
    CHECK ((state = 'ended') = (end_reason IS NOT NULL))
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE message (
    campaign INTEGER NOT NULL,
    lead INTEGER NOT NULL,
    step INTEGER NOT NULL CHECK (step >= 0),
    state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'cancelled')),
    due_at REAL NOT NULL,
    PRIMARY KEY (campaign, lead, step),
    FOREIGN KEY (campaign, lead) REFERENCES enrollment
  ) STRICT, WITHOUT ROWID;

  CREATE UNIQUE INDEX one_queued_message ON message (campaign, lead) WHERE state = 'queued';

  CREATE TABLE suppression (
    workspace INTEGER NOT NULL REFERENCES workspace,
    entry TEXT NOT NULL,
    reason TEXT NOT NULL,
    suppressed_at REAL NOT NULL,
    PRIMARY KEY (workspace, entry)
  ) STRICT, WITHOUT ROWID;
  `,
  // Delivery: leases, what is recorded of a message, completed enrolments. SQLite changes a CHECK by a new table.
  `
  CREATE TABLE enrollment_2 (
    campaign INTEGER NOT NULL REFERENCES campaign,
    lead INTEGER NOT NULL REFERENCES lead,
    position INTEGER NOT NULL DEFAULT 0 CHECK (position >= 0),
    state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'completed', 'ended')),
    end_reason TEXT,
    enrolled_at REAL NOT NULL,
    ended_at REAL,
    PRIMARY KEY (campaign, lead),
    CHECK ((state = 'active') = (ended_at IS NULL)),
    CHECK ((state = 'ended') = (end_reason IS NOT NULL))
  ) STRICT, WITHOUT ROWID;

  -- Leased is pending in someone's hand. A lease that has run out may still be written 'leased' or again 'queued';
  -- its token stays current until the next claim.
  CREATE TABLE message_2 (
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
    PRIMARY KEY (campaign, lead, step),
    FOREIGN KEY (campaign, lead) REFERENCES enrollment_2,
    CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
    CHECK ((token IS NULL) = (leased_until IS NULL)),
    CHECK (state <> 'leased' OR token IS NOT NULL)
  ) STRICT, WITHOUT ROWID;

  INSERT INTO enrollment_2 SELECT campaign, lead, position, state, end_reason, enrolled_at, ended_at FROM enrollment;
  INSERT INTO message_2 (campaign, lead, step, state, due_at) SELECT campaign, lead, step, state, due_at FROM message;
  DROP TABLE message;
  DROP TABLE enrollment;
  ALTER TABLE enrollment_2 RENAME TO enrollment;
  ALTER TABLE message_2 RENAME TO message;

  CREATE UNIQUE INDEX one_pending_message ON message (campaign, lead) WHERE state IN ('queued', 'leased');
  CREATE INDEX message_due ON message (campaign, due_at) WHERE state = 'queued';
  CREATE INDEX message_leased ON message (campaign, leased_until) WHERE state = 'leased';

  ALTER TABLE campaign ADD COLUMN sent INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE campaign ADD COLUMN delivered INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE campaign ADD COLUMN opened INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE campaign ADD COLUMN bounced INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE campaign ADD COLUMN replied INTEGER NOT NULL DEFAULT 0;

  -- So that a claim walks past no campaign that holds its messages.
  CREATE INDEX campaign_sending ON campaign (workspace) WHERE status = 'running' AND pending > 0;
  `,
  // Events, and addresses that were erased: `erased` of a workspace counts those of its suppressions that are hashes.
  `
  CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    workspace INTEGER NOT NULL REFERENCES workspace,
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    at REAL NOT NULL,
    event TEXT NOT NULL,
    UNIQUE (workspace, sequence)
  ) STRICT;

  CREATE TABLE erasure (
    workspace INTEGER NOT NULL REFERENCES workspace,
    hash TEXT NOT NULL,
    erased_at REAL NOT NULL,
    PRIMARY KEY (workspace, hash)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE erasure_secret (id INTEGER PRIMARY KEY CHECK (id = 1), secret BLOB NOT NULL) STRICT;
  INSERT INTO erasure_secret (id, secret) VALUES (1, randomblob(32));

  ALTER TABLE workspace ADD COLUMN erased INTEGER NOT NULL DEFAULT 0 CHECK (0 <= erased AND erased <= suppressions);
  `,
  // What idempotency keys have been answered: hashes, and a letter per row.
  `
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
  `,
  // Leads by batch: those that one decision makes share the start of their ids, and their rows are numbered by the rest, so
  // that neither an id nor a workspace's order needs an index with an entry for each lead. See leadRows.ts.
  `
  CREATE TABLE lead_batch (
    id INTEGER PRIMARY KEY,
    workspace INTEGER NOT NULL REFERENCES workspace,
    ulid TEXT NOT NULL,
    UNIQUE (workspace, ulid)
  ) STRICT;

  -- The batches of a workspace in the order in which they were made: each entry ends in the rowid.
  CREATE INDEX lead_batch_of_workspace ON lead_batch (workspace);

  INSERT INTO lead_batch (workspace, ulid)
    SELECT workspace, substr(public_id, 1, 23) AS ulid FROM lead GROUP BY workspace, ulid ORDER BY min(id);

  CREATE TABLE renumbered (old INTEGER PRIMARY KEY, new INTEGER NOT NULL) STRICT;
  INSERT INTO renumbered (old, new)
    SELECT l.id, (b.id << 15)
      + ((instr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', substr(l.public_id, 24, 1)) - 1) << 10)
      + ((instr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', substr(l.public_id, 25, 1)) - 1) << 5)
      + instr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', substr(l.public_id, 26, 1)) - 1
    FROM lead AS l CROSS JOIN lead_batch AS b ON b.workspace = l.workspace AND b.ulid = substr(l.public_id, 1, 23);

  -- email is the first spelling, null where that is the key; custom_fields is a JSON object, null where it is empty.
  CREATE TABLE lead_5 (
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

  CREATE TABLE enrollment_5 (
    campaign INTEGER NOT NULL REFERENCES campaign,
    lead INTEGER NOT NULL REFERENCES lead_5,
    position INTEGER NOT NULL DEFAULT 0 CHECK (position >= 0),
    state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'completed', 'ended')),
    end_reason TEXT,
    enrolled_at REAL NOT NULL,
    ended_at REAL,
    PRIMARY KEY (campaign, lead),
    CHECK ((state = 'active') = (ended_at IS NULL)),
    CHECK ((state = 'ended') = (end_reason IS NOT NULL))
  ) STRICT, WITHOUT ROWID;

  -- Leased is pending in someone's hand. A lease that has run out may still be written 'leased' or again 'queued';
  -- its token stays current until the next claim.
  CREATE TABLE message_5 (
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
    PRIMARY KEY (campaign, lead, step),
    FOREIGN KEY (campaign, lead) REFERENCES enrollment_5,
    CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
    CHECK ((token IS NULL) = (leased_until IS NULL)),
    CHECK (state <> 'leased' OR token IS NOT NULL)
  ) STRICT, WITHOUT ROWID;

  INSERT INTO lead_5 SELECT r.new, l.workspace, l.key, l.email, l.first_name, l.last_name, l.company, l.job_title,
      l.custom_fields, l.created_at, l.updated_at
    FROM lead AS l CROSS JOIN renumbered AS r ON r.old = l.id ORDER BY r.new;
  INSERT INTO enrollment_5 SELECT e.campaign, r.new, e.position, e.state, e.end_reason, e.enrolled_at, e.ended_at
    FROM enrollment AS e CROSS JOIN renumbered AS r ON r.old = e.lead;
  INSERT INTO message_5 SELECT m.campaign, r.new, m.step, m.state, m.due_at, m.attempt, m.token, m.leased_until, m.sent_at,
      m.delivered_at, m.opened_at, m.bounced_at, m.replied_at, m.unsubscribed_at
    FROM message AS m CROSS JOIN renumbered AS r ON r.old = m.lead;
  DROP TABLE message;
  DROP TABLE enrollment;
  DROP TABLE lead;
  DROP TABLE renumbered;
  ALTER TABLE lead_5 RENAME TO lead;
  ALTER TABLE enrollment_5 RENAME TO enrollment;
  ALTER TABLE message_5 RENAME TO message;

  CREATE UNIQUE INDEX one_pending_message ON message (campaign, lead) WHERE state IN ('queued', 'leased');
  CREATE INDEX message_due ON message (campaign, due_at) WHERE state = 'queued';
  CREATE INDEX message_leased ON message (campaign, leased_until) WHERE state = 'leased';
  `,
  // Soft bounces beside hard ones, which were the only ones kept; replies of an enrolment.
  `
  ALTER TABLE campaign ADD COLUMN hard_bounced INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE enrollment ADD COLUMN replied_at REAL;
  ALTER TABLE message ADD COLUMN hard_bounced_at REAL;
  UPDATE message SET hard_bounced_at = bounced_at WHERE bounced_at IS NOT NULL;
  UPDATE enrollment SET replied_at = (SELECT min(m.replied_at) FROM message AS m
    WHERE m.campaign = enrollment.campaign AND m.lead = enrollment.lead);
  UPDATE campaign SET hard_bounced = bounced,
    replied = (SELECT count(e.replied_at) FROM enrollment AS e WHERE e.campaign = campaign.id);
  UPDATE event SET event = json_set(event, '$.bounceType', 'hard')
    WHERE json_extract(event, '$.kind') = 'message.bounced';
  `,
  // The mark of erasures whose bytes are still in the file, set for every store that has erased
  // before.
  `
  CREATE TABLE cleaning (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    erasures INTEGER NOT NULL,
    cleaned INTEGER NOT NULL CHECK (cleaned <= erasures)
  ) STRICT;
  INSERT INTO cleaning (id, erasures, cleaned) SELECT 1, EXISTS (SELECT 1 FROM erasure), 0;
  `,
  // Failures of a message, which are bounded, beside its attempts. All attempts had failed, except
  // one that was sent or is still leased.
  `
  ALTER TABLE message ADD COLUMN failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0);
  UPDATE message SET failures = attempt - (token IS NOT NULL OR state IN ('sent', 'cancelled')) WHERE attempt > 0;
  `,
  // Idempotency records are kept under keyed hashes. The earlier hashes are deleted and cleaned out
  // of the file.
  `
  UPDATE cleaning SET erasures = erasures + 1 WHERE EXISTS (SELECT 1 FROM answer);
  DELETE FROM answer;
  `
]
