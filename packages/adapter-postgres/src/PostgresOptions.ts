import type { ConnectionOptions } from "node:tls"
import type { Pool } from "pg"

export interface PostgresOptions {
  /** Where the server is: `postgres://user:password@host:5432/database`. Left out, `pool` says it. */
  readonly url?: string | undefined
  /** A pool of the host's own, which stays the host's to close. */
  readonly pool?: Pool | undefined
  /** Connections at most, by default 10; of a pool of its own the host decides. */
  readonly connections?: number | undefined
  /** How long a call waits for a free connection, in milliseconds, by default 5,000. */
  readonly acquireTimeoutMillis?: number | undefined
  /** How long one statement may take, in milliseconds; by default the server's own limit holds. */
  readonly statementTimeoutMillis?: number | undefined
  /** As `tls.connect` takes it, such as `{ ca }`; `true` for the authorities that Node knows. */
  readonly tls?: boolean | ConnectionOptions | undefined
  /** Statements that are prepared once per connection (default); `false` behind a pooler that cannot keep them. */
  readonly namedStatements?: boolean | undefined
  /** Makes and updates the tables when the store is opened (default); `false` for a role that may not. */
  readonly migrate?: boolean | undefined
  /** When the tables are made: into so many parts each is split by its workspace, 1 to 1,024, by default not at all. */
  readonly partitions?: number | undefined
}
