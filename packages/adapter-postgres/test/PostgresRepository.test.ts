import { execFileSync } from "node:child_process"
import { chownSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { inspect } from "node:util"
import {
  Campaigns,
  Delivery,
  Ids,
  Leads,
  Repository,
  RepositoryError,
  StoreDisconnected,
  StoreRefused,
  StoreUnavailable,
  Suppression
} from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { Client, Pool, types } from "pg"
import { afterAll, describe, expect, it, onTestFinished } from "vitest"
import { startOwn, startPostgres, unprivileged } from "../../../test/postgres.ts"
import { PostgresRepository } from "../src/index.ts"
import { findSuppressions } from "../src/suppressions.ts"
import { databasesOn, using } from "./databases.ts"
import { useAll } from "./useAll.ts"

const server = await startPostgres()
afterAll(() => server.stop())

const workspaceId = "w"

const newDatabase = databasesOn(server)

/** Why a store does not open. */
const refusal = async (options: PostgresRepository.PostgresOptions): Promise<RepositoryError> => {
  const error = await using(options, Effect.void).catch((error: unknown) => error)
  if (!(error instanceof RepositoryError)) throw new Error("the store opens", { cause: error })
  expect(error.operation).toBe("open")
  return error
}

/** Options as a caller without types may give them. */
const untyped = (options: unknown) =>
  options === undefined ? undefined : JSON.parse(JSON.stringify(options))

const connected = async (url: string): Promise<Client> => {
  const client = new Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

describe("opening", () => {
  it.each([
    [{}, /either a url or a pool/],
    [{ url: "mysql://host/db" }, /must begin with postgres/],
    [{ url: "postgres://host/db", connections: 0 }, /connections must be an integer/],
    [{ url: "postgres://host/db", acquireTimeoutMillis: 0.5 }, /acquireTimeoutMillis must be/],
    [{ url: "postgres://host/db", statementTimeoutMillis: -1 }, /statementTimeoutMillis must be/],
    [{ url: "postgres://host/db", partitions: 1_025 }, /partitions must be an integer from 1 to 1024/]
  ])("refuses %o, and says what would be right", async (options, why) => {
    const { reason } = await refusal(options)
    expect(reason).toBeInstanceOf(StoreUnavailable)
    expect(reason.advice).toMatch(why)
  })

  it.each([
    [undefined, /the options are missing: give a url or a pool/],
    [null, /the options are missing/],
    [{ url: null }, /url must begin with postgres/],
    [{ pool: null }, /pool must be a pool of pg/],
    [{ pool: 5 }, /pool must be a pool of pg/],
    [{ pool: {} }, /pool must be a pool of pg/],
    [{ url: "postgres://host/db", tls: null }, /tls must be true, false or options/]
  ])("refuses the invalid options %o", async (options, why) => {
    const error = await using(untyped(options), Effect.void).catch((error: unknown) => error)
    expect(error).toMatchObject({ operation: "open", reason: { _tag: "StoreUnavailable" } })
    expect(error).toHaveProperty("reason.advice", expect.stringMatching(why))
  })

  it.each([
    ["statement_timeout=abc", "22023"],
    ["options=-c%20no_such_setting%3D1", "42704"],
    ["options=-c%20statement_timeout%3Dhunter2", "22023"],
    ["options=-c%20shared_buffers%3D1", "55P02"],
    ["options=--hunter2", "42601"],
    ["options=hunter2", "42601"]
  ])("says that the server refuses a setting of the url: %s", async (setting, code) => {
    const { isRetryable, reason } = await refusal({ url: `${server.url()}?${setting}` })
    expect(reason).toBeInstanceOf(StoreUnavailable)
    expect(reason.advice).toBe(
      `the server refuses a setting of the url or of its options (${code}): correct it, or take it out`
    )
    expect(isRetryable).toBe(false)
    expect(inspect(reason, { depth: 9, showHidden: true })).not.toMatch(/hunter2/)
    expect(reason).toMatchObject({ cause: { code } })
  })

  it("makes the tables once, however many processes open a new database at the same moment", async () => {
    const url = await newDatabase()
    await Promise.all(Array.from({ length: 6 }, () => using({ url, connections: 1 }, Effect.void)))
    const { rows } = await (await connected(url)).query("SELECT count(*)::int AS n FROM leadterra_version")
    expect(rows).toEqual([{ n: 1 }])
  })

  it("refuses a switch from the environment, which would be on whatever it says", async () => {
    const options = JSON.parse('{ "url": "postgres://host/db", "namedStatements": "false" }')
    expect((await refusal(options)).reason.advice).toMatch(/namedStatements must be true or false/)
  })

  it("refuses tables of a newer version, and leaves them as they are", async () => {
    const url = await newDatabase()
    await using({ url }, Effect.void)
    await (await connected(url)).query("UPDATE leadterra_version SET version = 1000")
    const { reason } = await refusal({ url })
    expect(reason).toBeInstanceOf(StoreRefused)
    expect(reason.advice).toMatch(/of a newer version \(1000\)/)
  })

  it("makes no tables where it is told not to", async () => {
    const url = await newDatabase()
    expect((await refusal({ url, migrate: false })).reason).toBeInstanceOf(StoreRefused)
  })

  it("says that a server cannot be reached, and that trying again may help", async () => {
    const error = await refusal({ url: "postgres://ann:hunter2@127.0.0.1:1/db" })
    expect(error.reason).toBeInstanceOf(StoreDisconnected)
    expect(error.isRetryable).toBe(true)
  })

  it("says that a file is missing, and that trying again helps nothing", async () => {
    const error = await refusal({ url: `${server.url()}?sslrootcert=/no/such/file.pem` })
    expect(error.reason.advice).toMatch(/check sslrootcert/)
    expect(error.isRetryable).toBe(false)
  })

  it("quotes no password and no address in an error, nor in what caused it", async () => {
    const url = new URL(await newDatabase())
    url.username = "ann"
    url.password = "hunter2"
    const seen = [
      await refusal({ url: url.href }),
      await refusal({ url: "postgres://ann:hunter2@127.0.0.1:1/db" }),
      await refusal({
        url: server.url("no_such_database").replace("//", "//ann:hunter2@").replace(/@.*@/, "@")
      })
    ]
    const open = await newDatabase()
    await using(
      { url: open },
      Effect.gen(function* () {
        const { id } = yield* Campaigns.create({ workspaceId, name: "c" })
        yield* Leads.bulkUpsert({ workspaceId, campaignId: id, leads: [{ email: "secret@example.com" }] })
        const { items } = yield* Leads.list({ workspaceId })
        const repository = yield* Repository
        // A rule that doubles an address, which the schema refuses and quotes.
        const doubling = repository.decide({ workspaceId: Ids.WorkspaceId.make(workspaceId) }, () =>
          Result.succeed({
            changes: [
              {
                _tag: "LeadsCreated" as const,
                leads: items.map((lead) => ({ ...lead, id: Ids.leadId("01ARZ3NDEKTSV4RRFFQ69G5FAV", 1) }))
              }
            ],
            answer: null
          })
        )
        const error = yield* Effect.flip(doubling)
        expect(error.reason._tag).toBe("ConstraintViolated")
        seen.push(error)
      })
    )
    for (const error of seen) {
      const whole = inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error)
      expect(whole).not.toMatch(/hunter2|secret@/)
    }
  })
})

describe("a database that is set up otherwise", () => {
  it.each(["array_nulls = off", "extra_float_digits = -15", "standard_conforming_strings = off"])(
    "with %s gives and takes the same",
    async (setting) => {
      const url = await newDatabase()
      await (await connected(url)).query(`ALTER DATABASE ${new URL(url).pathname.slice(1)} SET ${setting}`)
      await using(
        { url },
        Effect.gen(function* () {
          const steps = [{ subject: "Hi {{firstName | there}}", bodyHtml: "b" }]
          const { id: campaignId } = yield* Campaigns.create({ workspaceId, name: "c", steps })
          const leads = [
            { email: "ann@example.com", k: "back\\slash" },
            { email: "bo@example.com", firstName: "Bo" }
          ]
          yield* Leads.bulkUpsert({ workspaceId, campaignId, leads })
          yield* Campaigns.start({ workspaceId, campaignId })
          expect(yield* Delivery.claim({ workspaceId })).toMatchObject([
            { to: "ann@example.com", subject: "Hi there", lead: { customFields: { k: "back\\slash" } } },
            { to: "bo@example.com", subject: "Hi Bo" }
          ])
        })
      )
    }
  )

  it("that holds not every text is refused when it is opened", async () => {
    const name = `latin_${process.pid}`
    await server.run(`CREATE DATABASE ${name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`)
    expect((await refusal({ url: server.url(name) })).reason.advice).toMatch(/ENCODING 'UTF8'/)
  })

  it("is asked for any text as an id, and has no campaign of that name", async () => {
    await using(
      { url: await newDatabase() },
      Effect.gen(function* () {
        yield* Campaigns.create({ workspaceId, name: "c" })
        const error = yield* Effect.flip(Campaigns.get({ workspaceId, campaignId: "camp_\0" }))
        expect(error._tag).toBe("CampaignNotFound")
        expect((yield* Leads.list({ workspaceId, campaignId: "camp_\0" })).items).toEqual([])
      })
    )
  })
})

describe("statements", () => {
  it("are a handful for a batch, whatever its size", async () => {
    const url = await newDatabase()
    const pool = new Pool({ connectionString: url, max: 1 })
    onTestFinished(() => pool.end())
    const counted = async (size: number): Promise<ReadonlyArray<number>> => {
      let count = 0
      const client = await pool.connect()
      const query = client.query
      client.query = ((...given: Parameters<typeof query>) => {
        count += 1
        return query.apply(client, given)
      }) as typeof query
      client.release()
      const rows = (company: string) =>
        Array.from({ length: size }, (_, index) => ({ email: `${size}.${index}@example.com`, company }))
      const laps: Array<number> = []
      await using(
        { pool },
        Effect.gen(function* () {
          const { id: campaignId } = yield* Campaigns.create({ workspaceId, name: "c" })
          for (const company of ["Acme", "Buildfast", "Buildfast"]) {
            count = 0
            yield* Leads.bulkUpsert({ workspaceId, campaignId, leads: rows(company) })
            laps.push(count)
          }
        })
      )
      client.query = query
      return laps
    }
    const few = await counted(3)
    expect(await counted(1_000)).toEqual(few)
    expect(Math.max(...few)).toBeLessThan(12)
  })

  it("need no names, where a pooler cannot keep them", async () => {
    const url = await newDatabase()
    const pool = new Pool({ connectionString: url, max: 1 })
    onTestFinished(() => pool.end())
    await using(
      { pool, namedStatements: false },
      Effect.gen(function* () {
        const steps = [{ subject: "s", bodyHtml: "b" }]
        const { id: campaignId } = yield* Campaigns.create({ workspaceId, name: "c", steps })
        yield* Leads.bulkUpsert({ workspaceId, campaignId, leads: [{ email: "ann@example.com" }] })
        yield* Campaigns.start({ workspaceId, campaignId })
        expect(yield* Delivery.claim({ workspaceId })).toHaveLength(1)
      })
    )
    // On the one connection that the store has had.
    expect((await pool.query("SELECT 1 FROM pg_prepared_statements")).rows).toEqual([])
  })

  it("ask a suppression list of a million entries by its key, with no walk along it", async () => {
    const url = await newDatabase()
    await using({ url }, Suppression.add({ workspaceId, entries: ["@gone.com"] }))
    const client = await connected(url)
    await client.query(
      "INSERT INTO suppression SELECT 'w', 'gone' || i || '@example.com', 'added', 0 FROM generate_series(1, 1000000) AS i"
    )
    await client.query("ANALYZE suppression")
    const entries = Array.from({ length: 1_000 }, (_, index) => `gone${index * 7}@example.com`)
    for (const mode of ["force_generic_plan", "force_custom_plan"]) {
      await client.query(`SET plan_cache_mode = ${mode}`)
      const { rows } = await client.query<{ readonly "QUERY PLAN": string }>({
        text: `EXPLAIN ${findSuppressions.text}`,
        values: [workspaceId, entries]
      })
      const plan = rows.map((row) => row["QUERY PLAN"]).join("\n")
      expect(plan).toMatch(/suppression_pkey/)
      expect(plan).not.toMatch(/Seq Scan|Hash/)
    }
  })
})

describe("a host that has told the driver how to read types", () => {
  it("reads ours as they are", async () => {
    const oids = [types.builtins.JSON, types.builtins.FLOAT8, types.builtins.INT4, types.builtins.BOOL]
    const before = oids.map((oid) => types.getTypeParser(oid))
    onTestFinished(() => {
      for (const [index, oid] of oids.entries()) types.setTypeParser(oid, before[index] ?? String)
    })
    for (const oid of oids) types.setTypeParser(oid, (text) => `host's ${text}`)
    const url = await newDatabase()
    await using({ url }, Effect.void)
    await using(
      { url },
      Effect.gen(function* () {
        const steps = [{ subject: "s", bodyHtml: "b" }]
        const { id: campaignId } = yield* Campaigns.create({ workspaceId, name: "c", steps })
        yield* Leads.bulkUpsert({ workspaceId, campaignId, leads: [{ email: "ann@example.com" }] })
        yield* Campaigns.start({ workspaceId, campaignId })
        const [message] = yield* Delivery.claim({ workspaceId })
        expect(message).toMatchObject({ subject: "s", html: "b", attempt: 1, step: 0 })
      })
    )
  })
})

describe("security", () => {
  it.each([
    ["whole tables", undefined],
    ["tables in parts", 4]
  ])(
    "with its policies on %s, shows one workspace nothing of another, whatever a query asks",
    async (_, partitions) => {
      const url = await newDatabase()
      await using({ url, partitions }, Effect.void)
      const owner = await connected(url)
      const role = `tenant_${process.pid}`
      for (const _ of ["first", "again"]) await owner.query(PostgresRepository.rowLevelSecurity)
      await owner.query(`CREATE ROLE ${role} LOGIN; 
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role}`)
      const as = new URL(url)
      as.username = role
      await useAll({ url: as.href, migrate: false })
      await using(
        { url: as.href, migrate: false },
        Effect.gen(function* () {
          for (const workspaceId of ["one", "two"]) {
            const steps = [{ subject: "s", bodyHtml: "b" }]
            const { id: campaignId } = yield* Campaigns.create({ workspaceId, name: "c", steps })
            yield* Leads.bulkUpsert({ workspaceId, campaignId, leads: [{ email: `ann@${workspaceId}.com` }] })
            yield* Campaigns.start({ workspaceId, campaignId })
          }
          const repository = yield* Repository
          expect(yield* repository.workspacesDue(Date.now() + 1_000)).toEqual(["one", "two"])
        })
      )
      const tenant = await connected(as.href)
      await tenant.query("SET leadterra.workspace = 'one'")
      for (const table of ["lead", "message", "campaign", "enrollment", "event", "workspace"]) {
        const { rows } = await tenant.query(`SELECT DISTINCT workspace FROM ${table}`)
        expect(rows, table).toEqual([{ workspace: "one" }])
        for (let part = 0; part < (partitions ?? 0); part++) {
          const { rows } = await tenant.query(`SELECT 1 FROM ${table}_${part} WHERE workspace <> 'one'`)
          expect(rows, `${table}_${part}`).toEqual([])
        }
      }
      await expect(
        tenant.query("INSERT INTO suppression VALUES ('two', 'ann@two.com', 'added', 0)")
      ).rejects.toThrow(/row-level security/)
      await tenant.query("RESET leadterra.workspace")
      expect((await tenant.query("SELECT 1 FROM lead")).rows).toEqual([])
      await owner.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
    }
  )

  it("passes on how to trust a server, and says what is wrong where it cannot", async () => {
    const folder = mkdtempSync(join(tmpdir(), "leadterra-tls-"))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")]
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    execFileSync(
      "openssl",
      [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-keyout",
        key,
        "-out",
        certificate,
        ...subject
      ],
      { stdio: "ignore" }
    )
    const { gid, uid } = await unprivileged()
    if (uid !== undefined) for (const file of [folder, key, certificate]) chownSync(file, uid, gid ?? uid)
    const settings = { ssl: "on", ssl_cert_file: certificate, ssl_key_file: key }
    const own = await startOwn("found", settings)
    if (own === undefined)
      return expect((await refusal({ url: server.url(), tls: true })).operation).toBe("open")
    onTestFinished(own.stop)
    await using({ url: own.url(), tls: { ca: readFileSync(certificate) } }, Effect.void)
    expect((await refusal({ url: own.url(), tls: true })).reason.advice).toMatch(/certificate is not trusted/)
    expect((await refusal({ url: server.url(), tls: true })).reason.advice).toMatch(/takes no TLS/)
  })
})
