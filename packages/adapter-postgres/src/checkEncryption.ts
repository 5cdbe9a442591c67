/** Refuses settings of TLS that contradict each other, and plain text that nobody has asked for. */
import { isIPv4 } from "node:net"
import type { Client } from "pg"
import { encryptionSettings } from "./checkUrl.ts"
import { cannotOpen } from "./failure.ts"
import type { PostgresOptions } from "./PostgresOptions.ts"

/**
 * Whether the host is this machine: a socket's path, or an address of the loopback network in its
 * canonical form. Any other name or form is another host, wherever it leads: `0.0.0.0`, `127.1` and
 * `localhost.` are resolved by the system.
 */
const isLocal = (host: string): boolean =>
  host.startsWith("/") || host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."))

/**
 * Throws `CannotOpen` for contradictions, and for plain text to another host unless it was asked
 * for. `client` has the settings as the driver reads them, `given` those of the url.
 */
export const checkEncryption = (
  given: ReadonlyMap<string, string>,
  tls: PostgresOptions["tls"],
  client: Client
): void => {
  const names = encryptionSettings.filter((name) => given.has(name))
  const ssl: unknown = client.ssl
  const isEncrypted = Boolean(ssl)
  if (tls !== undefined && names.length > 0) {
    const agrees = tls === false ? !isEncrypted : tls === true && isEncrypted && verifies(ssl)
    if (!agrees)
      throw cannotOpen(`tls and ${names.join(", ")} of the url contradict each other: give only one`)
  }
  const isAskedFor =
    tls === false || given.get("sslmode") === "disable" || process.env["PGSSLMODE"] === "disable"
  if (!isEncrypted && !isAskedFor && !isLocal(client.host))
    throw cannotOpen(
      "the connection to another host would be plain text: give tls, or tls: false to allow plain text"
    )
}

/** Whether the server must show a certificate of its name. */
const verifies = (ssl: unknown): boolean =>
  typeof ssl !== "object" ||
  ssl === null ||
  !("checkServerIdentity" in ssl || ("rejectUnauthorized" in ssl && ssl.rejectUnauthorized === false))
