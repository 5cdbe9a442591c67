import type { ConnectionOptions } from "node:tls"
import type { Pool } from "pg"

export interface PostgresOptions {
  /** Where the server is: `postgres://user:password@host:5432/database`. Left out, `pool` says it. */
  readonly url?: string | undefined
  /** A pool of the host's own, which stays the host's to close. */
  readonly pool?: Pool | undefined
  /** Connections at most, by default 10; of a pool of its own the host decides. */
  readonly connections?: number | undefined
  /**
   * Milliseconds that a call waits for a free or new connection, and then for its transaction to
   * begin; by default 5,000.
   */
  readonly acquireTimeoutMillis?: number | undefined
  /** How long one statement may take, in milliseconds; by default the server's own limit holds. */
  readonly statementTimeoutMillis?: number | undefined
  /**
   * Milliseconds that a call waits for the answer to one statement before it drops the connection.
   * Longer than `statementTimeoutMillis`; by default twice that and at least 300,000.
   */
  readonly queryTimeoutMillis?: number | undefined
  /**
   * Milliseconds that the server waits within a transaction for a silent process; by default
   * 60,000.
   */
  readonly idleTimeoutMillis?: number | undefined
  /**
   * Milliseconds that closing waits for calls that still run; by default 10,000. Does not apply to
   * a `pool` of the host.
   */
  readonly closeTimeoutMillis?: number | undefined
  /**
   * As `tls.connect` takes it, such as `{ ca }`; `true` for the authorities that Node knows;
   * `false` for plain text, which a remote host gets only when it is asked for.
   */
  readonly tls?: boolean | ConnectionOptions | undefined
  /** Statements that are prepared once per connection (default); `false` behind a pooler that cannot keep them. */
  readonly namedStatements?: boolean | undefined
  /** Makes and updates the tables when the store is opened (default); `false` for a role that may not. */
  readonly migrate?: boolean | undefined
  /** When the tables are made: into so many parts each is split by its workspace, 1 to 1,024, by default not at all. */
  readonly partitions?: number | undefined
}
