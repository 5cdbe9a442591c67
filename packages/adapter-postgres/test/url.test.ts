/** Urls that are refused by name, before anything is sent, and without a word of what they hold. */
import { createServer } from "node:net"
import { inspect } from "node:util"
import { RepositoryError, StoreUnavailable } from "@leadterra/core"
import { open } from "@leadterra/core/promise"
import { Pool } from "pg"
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest"
import { PostgresRepository } from "../src/index.ts"

type Options = PostgresRepository.PostgresOptions

afterEach(() => {
  vi.unstubAllEnvs()
})

/** A server that hangs up, and keeps the first bytes that it is sent. */
const listening = async () => {
  const received: Array<Buffer> = []
  const listener = createServer((socket) => {
    socket.on("error", () => {})
    socket.once("data", (data) => {
      received.push(data)
      socket.destroy()
    })
  })
  await new Promise<void>((resolve) => listener.listen(0, "0.0.0.0", resolve))
  onTestFinished(() => new Promise((resolve) => listener.close(() => resolve())))
  const address = listener.address()
  if (typeof address !== "object" || address === null) throw new Error("a listener has a port")
  return { port: address.port, received }
}

const refusal = async (options: Options): Promise<RepositoryError> => {
  const error = await open(
    PostgresRepository.layer({ acquireTimeoutMillis: 1_000, closeTimeoutMillis: 500, ...options })
  ).then(
    async (engine) => {
      await engine.close()
      throw new Error("the store opens")
    },
    (error: unknown) => error
  )
  if (!(error instanceof RepositoryError)) throw new Error("an error of the store", { cause: error })
  expect(inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error)).not.toMatch(/hunter2/)
  return error
}

const refusedBy = async (options: Options, why: RegExp): Promise<void> => {
  const { isRetryable, reason } = await refusal(options)
  expect(reason).toBeInstanceOf(StoreUnavailable)
  expect(reason.advice).toMatch(why)
  expect(isRetryable).toBe(false)
}

const at = (rest: string): string => `postgres://ann:hunter2@127.0.0.1:1/leads${rest}`

describe("plain text", () => {
  it.each([
    "0.0.0.0",
    "0",
    "127.1",
    "0x7f.0.0.1",
    "2130706433",
    "127.0.0.256",
    "localhost.",
    "LOCALHOST",
    "localhost.example.com",
    "[::]",
    "[::ffff:127.0.0.1]",
    "%30.0.0.0",
    "127.0.0.1,0.0.0.0",
    "%31%32%37.1"
  ])("is not sent to %s, which is no canonical name of this machine", async (host) => {
    const { port, received } = await listening()
    await refusedBy({ url: `postgres://ann:hunter2@${host}:${port}/leads` }, /would be plain text/)
    expect(received).toEqual([])
  })

  it.each(["127.0.0.1", "%31%32%37.0.0.1", "localhost", "127.1.2.3"])(
    "is sent to %s, which is this machine",
    async (host) => {
      const { port, received } = await listening()
      const { reason } = await refusal({ url: `postgres://ann:hunter2@${host}:${port}/leads` })
      expect(reason._tag).toBe("StoreDisconnected")
      expect(received).toHaveLength(1)
    }
  )

  it("is not sent to a host that the settings or the environment name", async () => {
    const { port, received } = await listening()
    const local = `postgres://ann:hunter2@127.0.0.1:${port}/leads`
    const named = `postgres://ann:hunter2@/leads?port=${port}&host=0.0.0.0`
    await refusedBy({ url: named }, /would be plain text/)
    await refusedBy({ url: `${local}?hostaddr=0.0.0.0` }, /unknown setting/)
    vi.stubEnv("PGHOST", "0.0.0.0")
    await refusedBy({ url: `postgres:///leads?port=${port}` }, /would be plain text/)
    await refusedBy({ url: `postgres://ann:hunter2@/leads?port=${port}` }, /would be plain text/)
    expect(received).toEqual([])
  })

  it.each([
    ["sslmode=", /sslmode of the url is empty/],
    ["ssl=", /ssl of the url is empty/],
    ["ssl=0", /would be plain text/],
    ["ssl=false", /ssl of the url is unknown: give one of true, 1, 0, no-verify/],
    ["ssl=true&ssl=0", /has ssl twice/],
    ["ssl=true&sslmode=disable", /ssl and sslmode of the url may contradict/],
    ["sslmode=verify-full&sslmode=disable", /has sslmode twice/],
    ["SSLMODE=require", /unknown setting/],
    ["sslmode=allow", /sslmode of the url is unknown/],
    ["sslmode=disabled", /sslmode of the url is unknown/]
  ])("is not asked for by %s", async (setting, why) => {
    const { port, received } = await listening()
    await refusedBy({ url: `postgres://ann:hunter2@0.0.0.0:${port}/leads?${setting}` }, why)
    expect(received).toEqual([])
  })

  it("is not asked for by a fragment", async () => {
    const { port, received } = await listening()
    const url = `postgres://ann:hunter2@0.0.0.0:${port}/leads#?sslmode=disable`
    await refusedBy({ url }, /malformed: percent-encode/)
    expect(received).toEqual([])
  })

  it.each<readonly [string, Options["tls"], string, string | undefined]>([
    ["sslmode=disable", undefined, "?sslmode=disable", undefined],
    ["tls: false", false, "", undefined],
    ["PGSSLMODE=disable", undefined, "", "disable"]
  ])("is asked for by %s", async (_, tls, query, mode) => {
    vi.stubEnv("PGSSLMODE", mode)
    const { port, received } = await listening()
    const url = `postgres://ann:hunter2@0.0.0.0:${port}/leads${query}`
    expect((await refusal({ url, tls })).reason._tag).toBe("StoreDisconnected")
    expect(received).toHaveLength(1)
  })
})

// FAULTS 46
describe("a url that contradicts itself", () => {
  it.each([
    ["postgres://ann:hunter2@127.0.0.1:1/leads?port=2", "port"],
    ["postgres://ann:hunter2@127.0.0.1:1/leads?user=bob", "user"],
    ["postgres://ann:hunter2@127.0.0.1:1/leads?password=hunter22", "password"],
    ["postgres://ann:hunter%32@127.0.0.1:1/leads?password=hunter%252", "password"],
    ["postgres://ann:hunter2@127.0.0.1:1/leads?host=127.0.0.2", "host"],
    ["postgres://ann:hunter2@127.0.0.1:1/leads?host=%2Fsocket", "host"],
    ["postgres://ann:hunter2@%2Fsocket/leads?host=%2Fother", "host"],
    // The driver takes this host for a part of the database's name.
    ["postgres://ann:hunter2@%2Fsocket/leads?host=%2Fsocket", "host"],
    ["postgres://ann:hunter2@localhost:1/leads?host=%2Fsocket", "host"],
    ["postgres://ann:hunter2@[::1]:1/leads?host=127.0.0.1", "host"]
  ])("is refused, and only the setting is named: %s", async (url, name) => {
    await refusedBy(
      { url },
      new RegExp(`^${name} of the url is given before and after the question mark: give it once$`)
    )
  })

  it.each(["database", "dbname"])("is refused by %s, which the path alone gives", async (name) => {
    await refusedBy({ url: at(`?${name}=other`) }, /unknown setting/)
  })

  it.each([
    "postgres://ann:hunter2@127.0.0.1:1/leads?port=1&user=ann&password=hunter2&host=127.0.0.1",
    "postgres://ann:hunter%32@127.0.0.1:1/leads?password=hunter2&port=01",
    "postgres://ann:hunter2@[::1]:1/leads?host=%3A%3A1",
    "postgres://ann:hunter2@LOCALHOST:1/leads?host=LOCALHOST&sslmode=disable",
    "postgres:///leads?host=%2Fno%2Fsocket&user=ann&password=hunter2&port=1",
    "postgres://ann:hunter2@/leads?host=%2Fno%2Fsocket",
    "postgres://127.0.0.1:1/leads?user=ann&password=hunter2",
    "postgres://ann@127.0.0.1/leads?password=hunter2&port=1"
  ])("is not one that gives each setting once, or equally: %s", async (url) => {
    expect((await refusal({ url })).reason._tag).toBe("StoreDisconnected")
  })
})

describe("a url that the driver cannot use is refused by name", () => {
  it.each([
    ["?port=abc", /port is invalid: give a number from 1 to 65535/],
    ["?port=5x", /port is invalid/],
    ["?port=0", /port is invalid/],
    ["?port=65536", /port is invalid/],
    ["?sslnegotiation=foo", /sslnegotiation of the url is unknown/],
    ["?ssl=0&sslnegotiation=direct", /refuses the settings of TLS/],
    ["?sslmode=verify-ca&uselibpqcompat=true", /refuses the settings of TLS/],
    ["?uselibpqcompat=1", /uselibpqcompat of the url is unknown/],
    ["?sslrootcert=/", /a file that the url names cannot be read/],
    ["?sslkey=/no/such/file", /a file that the url names cannot be read/],
    ["?connect_timeout=1", /unknown setting/],
    ["?application_name=a%00b", /malformed/],
    ["?options=-c a=b", /malformed/],
    ["/%zz", /malformed/],
    ["%80", /malformed/],
    ["\n", /malformed/]
  ])("…%s", async (rest, why) => {
    await refusedBy({ url: at(rest) }, why)
  })

  it.each([
    "postgres://ann:hun/ter2@127.0.0.1:5432/leads",
    "postgres://ann:hun?ter2@127.0.0.1:5432/leads",
    "postgres://ann:hunter2#@127.0.0.1:5432/leads",
    "postgres://ann:hunter2@127.0.0.1:99999/leads",
    "postgres://ann:hunter2@127.0.0.1:x/leads",
    "postgres://ann:hunter2@[::1/leads",
    "postgres://ann:hun%ter2@127.0.0.1/leads",
    "postgres://"
  ])("%s", async (url) => {
    const { reason } = await refusal({ url })
    expect(reason.advice).toMatch(/malformed: percent-encode|cannot be reached/)
  })

  it.each(["99999", "0", "5x", "-1"])("PGPORT=%s", async (port) => {
    vi.stubEnv("PGPORT", port)
    await refusedBy({ url: "postgres://ann:hunter2@127.0.0.1/leads" }, /port is invalid/)
  })

  it("PGSSLNEGOTIATION=foo", async () => {
    vi.stubEnv("PGSSLNEGOTIATION", "foo")
    await refusedBy({ url: at("") }, /refuses the settings of TLS/)
  })

  it("an option that is a text", async () => {
    await refusedBy(JSON.parse(`{ "url": "${at("")}", "tls": "no-verify" }`), /tls must be true, false/)
    await refusedBy(JSON.parse(`{ "url": 5 }`), /must begin with postgres/)
  })

  it.each([
    "postgres://ann:hunter2@127.0.0.1:1/leads?port=abc",
    "postgres://ann:hunter2@127.0.0.1:1/leads?sslnegotiation=foo",
    "postgres://ann:hunter2@127.0.0.1:99999/leads"
  ])("of a host's pool: %s", async (connectionString) => {
    const { reason } = await refusal({ pool: new Pool({ connectionString }) })
    expect(reason).toBeInstanceOf(StoreUnavailable)
  })
})

it.each([
  ["another protocol", Buffer.from("J\0\0\0\n8.0.42\0\0\0", "latin1"), undefined],
  ["no answer to a request for TLS", Buffer.from("HTTP/1.1 400\r\n\r\n"), true]
])("a server with %s is refused by an error of the store", async (_, greeting, tls) => {
  const listener = createServer((socket) => {
    socket.on("error", () => {})
    socket.once("data", () => socket.write(greeting))
  })
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => new Promise((resolve) => listener.close(() => resolve())))
  const address = listener.address()
  if (typeof address !== "object" || address === null) throw new Error("a listener has a port")
  await refusal({ url: `postgres://ann:hunter2@127.0.0.1:${address.port}/leads`, tls })
})
