/** Faults of PostgreSQL and its driver as errors of the store. */
import { ServerStoreError, WorkspaceModeConflict } from "../../ServerStore.ts"
import { TooManySecrets } from "../../secrets/SecretStore.ts"

/** By SQLSTATE or its class. */
const advice: ReadonlyArray<readonly [code: string, message: string]> = [
  ["23505", "this key was added before: make another one"],
  ["28", "the server refuses this user: check the name, the password and pg_hba.conf"],
  ["3D000", "there is no such database: create it first"],
  ["42501", "this user may not do that: open the store once as the owner, and grant the tables server_*"],
  ["42P01", "the server's tables are missing: open the store once with a user that may make them"],
  ["53100", "the server's disk is full: free some space and try again"]
]

const lost = /^(?:08|25P0[34]|57P0[1-5]|53300|ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|EAI_AGAIN)/

const isOfStore = (error: unknown): boolean =>
  error instanceof ServerStoreError ||
  error instanceof WorkspaceModeConflict ||
  error instanceof TooManySecrets

/** Runs a piece of work. Rejects with `ServerStoreError` where the server or the driver fails. */
export const attempt = async <A>(piece: () => Promise<A>): Promise<A> => {
  try {
    return await piece()
  } catch (error) {
    if (isOfStore(error)) throw error
    if (!(error instanceof Error) || error instanceof TypeError) throw error
    const code = "code" in error && typeof error.code === "string" ? error.code : undefined
    const message = advice.find(([prefix]) => code?.startsWith(prefix))?.[1]
    if (message !== undefined) throw new ServerStoreError(message)
    // The driver has no code for a lost connection or a wait that was too long.
    if (code === undefined || lost.test(code))
      throw new ServerStoreError("the server does not answer: try again", { isRetryable: true })
    throw new ServerStoreError(`PostgreSQL failed with ${code}`)
  }
}
