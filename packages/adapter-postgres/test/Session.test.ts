/** Statements on a connection that waits for each, and on one that is pipelined. */
import { Pool } from "pg"
import { afterAll, describe, expect, it, onTestFinished } from "vitest"
import { startPostgres } from "../../../test/postgres.ts"
import { Connection } from "../src/Connection.ts"
import { Session, statement } from "../src/Session.ts"
import { databasesOn } from "./databases.ts"
import { useAll } from "./useAll.ts"

const server = await startPostgres()
afterAll(() => server.stop())
const newDatabase = databasesOn(server)

const divide = statement<{ readonly result: number }>("SELECT 6 / $1::int AS result")
const inTransaction = statement<{ readonly id: string | null }>(
  "SELECT pg_current_xact_id_if_assigned() AS id"
)
const wait = statement("SELECT pg_sleep($1)")

describe.each([
  ["waits for each statement", false],
  ["is pipelined", true]
])("a connection that %s", (_, pipeline) => {
  const poolOn = async (): Promise<Pool> => {
    const pool = new Pool({ connectionString: await newDatabase(), max: 1, pipeline })
    onTestFinished(() => pool.end())
    return pool
  }

  const connected = async (): Promise<Session> => {
    const client = await (await poolOn()).connect()
    const connection = new Connection(client, 5_000, new AbortController().signal)
    onTestFinished(() => connection.release())
    return new Session(connection, true)
  }

  const begin = (session: Session, text = "BEGIN"): Promise<void> => session.begin(text, 5_000, () => {})

  it("runs every statement of the store, and draws no warning", async () => {
    const warnings: Array<Error> = []
    const warned = (warning: Error): unknown => warnings.push(warning)
    process.on("warning", warned)
    onTestFinished(() => void process.off("warning", warned))
    await useAll({ pool: await poolOn() })
    expect(warnings).toEqual([])
  })

  it("fails by the begin that failed, keeps nothing of its transaction, and serves the next", async () => {
    const session = await connected()
    const begun = begin(session, "BEGIN; SET LOCAL no.such.setting.at = 1; SELECT 1 / 0")
    await expect(begun.then(() => session.first(divide, 2))).rejects.toThrow("division by zero")
    await expect(session.first(divide, 3)).rejects.toThrow("transaction is aborted")
    await session.end(false)
    await begin(session)
    expect(await session.first(divide, 2)).toEqual({ result: 3 })
    expect(await session.first(inTransaction)).toEqual({ id: null })
    await session.end(true)
  })

  it("does two things, and when one fails, neither is still under way", async () => {
    const session = await connected()
    await begin(session)
    const both = await session.both(
      () => session.first(divide, 2),
      () => session.first(divide, 3)
    )
    expect(both).toEqual([{ result: 3 }, { result: 2 }])
    let running = 0
    const slowly = async (): Promise<void> => {
      running += 1
      try {
        await session.rows(wait, 0.05)
        await session.rows(wait, 0)
      } finally {
        running -= 1
      }
    }
    const failed = session.both(() => session.first(divide, 0), slowly)
    await expect(failed).rejects.toThrow("division by zero")
    expect(running).toBe(0)
    await session.end(false)
    const second = session.both(slowly, () => session.first(divide, 0))
    await expect(second).rejects.toThrow("division by zero")
    expect(running).toBe(0)
  })

  it("fails by what went wrong, and not by what could not run for that", async () => {
    const session = await connected()
    await begin(session)
    const twice = async (): Promise<void> => {
      await session.first(divide, 2)
      await session.first(divide, 3)
    }
    const failed = session.both(twice, () => session.first(divide, 0))
    await expect(failed).rejects.toThrow("division by zero")
    await session.end(false)
  })
})
