/** A database for a round: on a server of its own, which is started before and stopped behind whatever is timed. */
import { Client } from "pg"
import { startOwn } from "../../test/postgres.ts"

export interface Database {
  readonly url: string
  readonly stop: () => Promise<void>
}

/** As servers run: what is committed is on the disk. */
const settings = { fsync: "on", synchronous_commit: "on", shared_buffers: "512MB", max_wal_size: "4GB" }

export const startDatabase = async (): Promise<Database> => {
  const server = (await startOwn("found", settings)) ?? (await startOwn("shipped", settings))
  if (server === undefined) throw new Error("no PostgreSQL: install PostgreSQL 15 or later")
  return { url: server.url(), stop: server.stop }
}

export const connected = async (url: string): Promise<Client> => {
  const client = new Client({ connectionString: url })
  await client.connect()
  return client
}

/** The tables of the limit and of the peers. */
export const schema = `
  CREATE TABLE lead (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, workspace_id integer NOT NULL, email text NOT NULL,
    first_name text, last_name text, company text, job_title text, custom_fields text, created_at bigint NOT NULL,
    updated_at bigint NOT NULL, UNIQUE (workspace_id, email));
  CREATE TABLE enrollment (campaign_id integer NOT NULL, lead_id bigint NOT NULL, position integer NOT NULL,
    state text NOT NULL, enrolled_at bigint NOT NULL, PRIMARY KEY (campaign_id, lead_id));
  CREATE TABLE suppression (workspace_id integer NOT NULL, email text NOT NULL, PRIMARY KEY (workspace_id, email));
  CREATE TABLE event (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at bigint NOT NULL, enrolled text NOT NULL,
    updated text NOT NULL);
  CREATE TABLE campaign (id integer PRIMARY KEY, enrolled bigint NOT NULL);
  INSERT INTO campaign VALUES (1, 0);`

export const suppress = async (client: Client, suppressed: ReadonlyArray<string>): Promise<void> => {
  await client.query("INSERT INTO suppression SELECT 1, email FROM unnest($1::text[]) AS e (email)", [
    suppressed
  ])
  await client.query("ANALYZE suppression")
}
