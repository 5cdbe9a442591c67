/**
 * From what the driver throws to the reasons of the port. A reason says what to do; neither it nor its cause repeats the server's
 * message, which may quote an address, or how to connect, which may hold a password.
 */
import {
  ConstraintViolated,
  RepositoryError,
  StoreBusy,
  StoreDisconnected,
  type StoreRefused,
  StoreUnavailable
} from "@leadterra/core"
import { DatabaseError } from "pg"

/** A change that names what does not exist, or an id that is none: refused like a broken constraint. */
export class Refusal extends Error {}

/** Why a database cannot be used, or must not be. */
export class CannotOpen extends Error {
  readonly reason: StoreRefused | StoreUnavailable
  constructor(reason: StoreRefused | StoreUnavailable) {
    super(reason.advice)
    this.reason = reason
  }
}

/** A database that cannot be used as it is. */
export const cannotOpen = (why: string): CannotOpen =>
  new CannotOpen(new StoreUnavailable({ why, cause: undefined }))

/** The call was interrupted, and its work was not begun or was rolled back. */
export class Interrupted extends Error {}

/** The server has answered `COMMIT` by rolling the transaction back. */
export class NotCommitted extends Error {}

/** An error of the driver without a code: it could not send a statement or read its answer. */
class DriverFailure extends Error {}

/** What a store may say of a failure: the code and what it was about, no value. */
class PostgresFailure extends Error {
  readonly code: string
  constructor(code: string, about: string | undefined) {
    super(about === undefined ? code : `${code} (${about})`)
    this.code = code
  }
}

/** By SQLSTATE or its class, or by the code of the system's own error. */
const advice: ReadonlyArray<readonly [code: string, why: string]> = [
  ["53100", "the server's disk is full: free some space and try again"],
  ["53200", "the server has not enough memory: try a smaller batch"],
  ["28", "the server refuses this user: check the name, the password and pg_hba.conf"],
  ["3D000", "there is no such database: create it first"],
  ["42501", "this user may not do that: grant it what the README lists"],
  ["42P01", "the tables are missing: open the store once with a user that may make them"],
  ["25006", "the server takes no writes: name the primary"],
  ["XX", "the server reports damage: look at its log"],
  ["ENOTFOUND", "no server has this name: check the host"],
  ["TLS_NONE", "the server takes no TLS: leave tls out, or switch it on there"],
  ["TLS", "the server's certificate is not trusted: give its authority as tls: { ca }"],
  ["PASSWORD", "the server asks for a password: give one in the url"],
  ["CLOSED", "the pool is closed: open another store"],
  ["26000", "a pooler keeps no named statements: set namedStatements: false"],
  ["FILE", "a file that the url names cannot be read: check sslrootcert, sslcert and sslkey"],
  ["ERR_INVALID_URL", "the url is malformed: percent-encode what its parts hold, such as a password"],
  ["ERR_SOCKET_BAD_PORT", "the port is invalid: give a number from 1 to 65535"],
  ["3F000", "the schema that search_path names is missing: create it first"]
]

/** Stands for a wait for a free connection that the pool has ended. */
const busy = "BUSY"

/** Where the driver, or Node, has no code of PostgreSQL's: what its message or its code begins with. */
const ofDriver: ReadonlyArray<readonly [text: RegExp, code: string]> = [
  [/^(?:Connection terminated|Client has encountered a connection error|Client was closed)/, "ECONNRESET"],
  // A server that has no connection to spare answers so to a request for TLS.
  [/^There was an error establishing an SSL connection/, "ECONNRESET"],
  [/^timeout exceeded/, busy],
  [/^(?:timeout expired|Query read timeout)/, "ETIMEDOUT"],
  [/does not support SSL/, "TLS_NONE"],
  [/^(?:SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|CERT_|ERR_TLS|ERR_SSL)/, "TLS"],
  [/^SASL/, "PASSWORD"],
  [/after calling end on the pool/, "CLOSED"]
]

const disconnected = /^(?:08|25P0[34]|57P0[1-5]|53300|ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOENT|EAI_AGAIN)/

const codeOf = (error: unknown): string | undefined => {
  if (!(error instanceof Error)) return undefined
  const code: unknown = Reflect.get(error, "code")
  // Without a file, and not without a socket.
  if (code === "ENOENT" && Reflect.get(error, "syscall") === "open") return "FILE"
  const told = typeof code === "string" ? code : error.message
  return ofDriver.find(([text]) => text.test(told))?.[1] ?? (typeof code === "string" ? code : undefined)
}

/** Whether the transaction has met another and runs well when it is begun anew. */
export const isConflict = (error: unknown): boolean => ["40001", "40P01"].includes(codeOf(error) ?? "")

/** Whether an earlier statement of the transaction has failed, and this one only for that. */
export const isAborted = (error: unknown): boolean => codeOf(error) === "25P02"

/**
 * Whether the error is the server's answer and leaves the connection usable. After `26000` it is
 * not: the driver still counts on a statement that the server has closed.
 */
export const isServerAnswer = (error: unknown): boolean => {
  const code = codeOf(error) ?? ""
  return error instanceof Error && "severity" in error && code !== "26000" && !disconnected.test(code)
}

/**
 * The server's answers to a setting that it cannot take, as a connection begins: an invalid value,
 * an unknown name, a form that is no setting, and one that only the server's start may set.
 */
const settingRefused = /^(?:22|42(?:601|602|704)|55P02)/

/** The error of the driver as it is, where it has a code, of an attempt to connect. */
export const connectFailure = (error: unknown): unknown => {
  const code = codeOf(error)
  if (code === undefined)
    return cannotOpen("no connection can be made: check that the url, or the pool, names a PostgreSQL server")
  if (!settingRefused.test(code)) return error
  const why = `the server refuses a setting of the url or of its options (${code}): correct it, or take it out`
  const cause = new PostgresFailure(code, undefined)
  return new CannotOpen(new StoreUnavailable({ why, cause }))
}

/** The error of the driver as it is, where it has a code that says what to do. */
export const driverFailure = (error: unknown): Error =>
  error instanceof Error && codeOf(error) !== undefined ? error : new DriverFailure()

const reasonOf = (error: unknown, code: string): RepositoryError["reason"] => {
  if (["40001", "40P01", "55P03", "57014", busy].includes(code)) return new StoreBusy()
  if (disconnected.test(code)) return new StoreDisconnected()
  const about = error instanceof DatabaseError ? (error.constraint ?? error.table) : undefined
  if (code.startsWith("23"))
    return new ConstraintViolated({ constraint: about ?? "a constraint of the schema" })
  const why = advice.find(([prefix]) => code.startsWith(prefix))?.[1] ?? `PostgreSQL failed with ${code}`
  return new StoreUnavailable({ why, cause: new PostgresFailure(code, about) })
}

/** The error of the port for what an operation threw. Throws on what is no failure of the store. */
export const repositoryError = (operation: string, error: unknown): RepositoryError => {
  if (error instanceof RepositoryError) return error
  if (error instanceof CannotOpen) return new RepositoryError({ operation, reason: error.reason })
  if (error instanceof Refusal)
    return new RepositoryError({ operation, reason: new ConstraintViolated({ constraint: error.message }) })
  if (error instanceof NotCommitted)
    return unavailable(operation, "the server rolled the transaction back: look at its log")
  if (error instanceof DriverFailure)
    return unavailable(operation, "a statement could not be sent: try a smaller batch")
  const code = codeOf(error)
  if (code === undefined) throw error
  return new RepositoryError({ operation, reason: reasonOf(error, code) })
}

const unavailable = (operation: string, why: string): RepositoryError =>
  new RepositoryError({ operation, reason: new StoreUnavailable({ why, cause: undefined }) })
