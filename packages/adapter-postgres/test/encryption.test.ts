/** FAULTS 46: settings of TLS that contradict each other, and plain text that was not asked for. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { RepositoryError, StoreUnavailable } from "@leadterra/core"
import * as Effect from "effect/Effect"
import { afterAll, describe, expect, it, onTestFinished } from "vitest"
import { startPostgres } from "../../../test/postgres.ts"
import type { PostgresRepository } from "../src/index.ts"
import { databasesOn, using } from "./databases.ts"

const server = await startPostgres()
afterAll(() => server.stop())
const newDatabase = databasesOn(server)

type Options = PostgresRepository.PostgresOptions

const refusal = async (options: Options): Promise<RepositoryError> => {
  const error = await using({ acquireTimeoutMillis: 500, ...options }, Effect.void).catch(
    (error: unknown) => error
  )
  if (!(error instanceof RepositoryError)) throw new Error("the store opens", { cause: error })
  return error
}

/** No server is there: a connection that is tried fails by another reason. */
const elsewhere = "postgres://db.invalid/leads"

describe("tls", () => {
  it.each<readonly [Options["tls"], string]>([
    [true, "sslmode=disable"],
    [true, "ssl=0"],
    [true, "sslmode=no-verify"],
    [{ ca: "authority" }, "sslmode=disable"],
    [{ ca: "authority" }, "sslmode=verify-full"],
    [{ ca: "authority" }, "sslnegotiation=direct"],
    [false, "sslmode=verify-full"],
    [false, "ssl=true"]
  ])("as %o beside %s of the url is refused, and both are named", async (tls, said) => {
    const { reason } = await refusal({ url: `${await newDatabase()}?${said}`, tls })
    expect(reason).toBeInstanceOf(StoreUnavailable)
    const [name = ""] = said.split("=")
    expect(reason.advice).toBe(`tls and ${name} of the url contradict each other: give only one`)
  })

  it("beside a file of the url is refused, since the driver would forget one of both", async () => {
    const folder = mkdtempSync(join(tmpdir(), "leadterra-tls-"))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const file = join(folder, "authority.pem")
    writeFileSync(file, "authority")
    const url = `${await newDatabase()}?sslrootcert=${file}`
    expect((await refusal({ url, tls: { ca: "another" } })).reason.advice).toMatch(/tls and sslrootcert/)
  })

  it("that says what the url says is taken", async () => {
    await using({ url: `${await newDatabase()}?sslmode=disable`, tls: false }, Effect.void)
    const both = await refusal({ url: `${await newDatabase()}?sslmode=verify-full`, tls: true })
    expect(both.reason.advice).toMatch(/takes no TLS/)
  })
})

describe("plain text", () => {
  it("to this machine needs no word", async () => {
    const url = new URL(await newDatabase())
    for (const host of ["127.0.0.1", "localhost"]) {
      url.hostname = host
      await using({ url: url.href }, Effect.void)
    }
  })

  it.each([
    elsewhere,
    "postgres://10.0.0.1/leads",
    "postgres://127.0.0.1.example.com/leads",
    "postgres://[::2]/leads"
  ])("to another host is refused unless it is asked for: %s", async (url) => {
    const { isRetryable, reason } = await refusal({ url })
    expect(isRetryable).toBe(false)
    expect(reason.advice).toBe(
      "the connection to another host would be plain text: give tls, or tls: false to allow plain text"
    )
  })

  it.each<readonly [string, Options]>([
    ["tls: false", { url: elsewhere, tls: false }],
    ["sslmode=disable", { url: `${elsewhere}?sslmode=disable` }]
  ])("to another host is tried with %s", async (_, options) => {
    expect((await refusal(options)).reason.advice).not.toMatch(/plain text/)
  })

  it("is not what another host is tried with where tls is on", async () => {
    expect((await refusal({ url: elsewhere, tls: true })).reason.advice).not.toMatch(/plain text/)
  })
})
