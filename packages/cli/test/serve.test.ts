/** `serve`: as a process, and in this one where a person watches. */
import { once } from "node:events"
import { connect, createServer, type Socket } from "node:net"
import { join } from "node:path"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { sendRaw, statusOf } from "../../../test/http.ts"
import { makeProbes } from "../src/serve/probes.ts"
import { type Ended, serving } from "./process.ts"
import { runOn, scene } from "./terminal.ts"

const keyPattern = /sk_(?:live|test)_[0-9A-Za-z]{49}/

/** Makes a key in the file of a folder. */
const keyIn = async (folder: string): Promise<string> => (await runOn(folder)(["keys", "create"])).out.trim()

const authorized = (key: string) => ({ authorization: `Bearer ${key}`, "content-type": "application/json" })

const campaign = JSON.stringify({ name: "Spring" })

/** Begins to create a campaign: the server has the headers, and waits for the rest of the body. */
const beginCall = async (port: number, key: string) => {
  const socket = connect(port, "127.0.0.1")
  let answer = ""
  socket.setEncoding("utf8").on("data", (text: string) => {
    answer += text
  })
  socket.write(
    `POST /v1/campaigns HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\ncontent-length: ${campaign.length}\r\nexpect: 100-continue\r\n\r\n`
  )
  await once(socket, "data")
  expect(answer).toMatch(/^HTTP\/1\.1 100 /)
  socket.write(campaign.slice(0, 5))
  const closed = once(socket, "close")
  return {
    leave: () => void socket.destroy(),
    finish: async (): Promise<string> => {
      socket.write(campaign.slice(5))
      await closed
      return answer
    },
    closed
  }
}

/** Waits until nobody listens. */
const refused = async (port: number): Promise<void> => {
  for (;;) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket: Socket = connect(port, "127.0.0.1", () => {
        socket.destroy()
        resolve(true)
      })
      socket.on("error", () => resolve(false))
    })
    if (!isOpen) return
  }
}

const linesOf = ({ err }: Ended): ReadonlyArray<Record<string, unknown>> =>
  err
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line))

describe("a server as a process", () => {
  it("answers a call with a key, refuses one without, and ends access when the key is revoked", async () => {
    const { command, folder } = scene()
    const key = await keyIn(folder)
    const { child, ended, url } = await serving(folder)
    for (const path of ["/healthz", "/readyz"]) {
      const probe = await fetch(url + path)
      expect([probe.status, await probe.json()]).toEqual([200, { status: "ok" }])
    }
    const made = await fetch(`${url}/v1/campaigns`, {
      method: "POST",
      headers: authorized(key),
      body: campaign
    })
    expect(made.status).toBe(201)
    expect((await fetch(`${url}/v1/campaigns`)).status).toBe(401)
    const listed = await command(["campaign", "list"])
    expect(listed.out).toContain("Spring")
    const [{ id }] = JSON.parse((await command(["keys", "list", "--json"])).out)
    await command(["keys", "revoke", id])
    const after = await fetch(`${url}/v1/campaigns`, { headers: authorized(key) })
    expect(after.status).toBe(401)
    child.kill("SIGTERM")
    expect((await ended).exitCode).toBe(0)
  })

  it("logs a JSON line for each call, with no address, no key and no value of it", async () => {
    const { folder } = scene()
    const key = await keyIn(folder)
    const { child, ended, port, url } = await serving(folder)
    const headers = authorized(key)
    const made = await fetch(`${url}/v1/campaigns`, { method: "POST", headers, body: campaign })
    const [id = ""] = /camp_\w+/.exec(await made.text()) ?? []
    await fetch(`${url}/v1/campaigns/${id}/leads/bulk?email=ava@acme.com`, {
      method: "POST",
      headers,
      body: JSON.stringify({ leads: [{ email: "ava@acme.com" }] })
    })
    await fetch(`${url}/v1/campaigns/ava@acme.com`, { headers })
    await fetch(`${url}/ava@acme.com`, { headers: authorized(`${key}x`) })
    await fetch(`${url}/healthz`)
    const malformed = await sendRaw(
      port,
      "GET / HTTP/1.1\r\nhost: ava@acme.com/\r\nconnection: close\r\n\r\n"
    )
    expect(statusOf(malformed)).toBe(400)
    expect(malformed).toContain("application/problem+json")
    child.kill("SIGTERM")
    const end = await ended
    expect(end.err).not.toMatch(/ava|acme|sk_|Bearer|\?/)
    expect(end.err).not.toContain(id)
    const lines = linesOf(end)
    expect(lines[0]).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      requestId: expect.stringMatching(/^req_/),
      method: "POST",
      route: "/v1/campaigns",
      status: 201,
      milliseconds: expect.any(Number),
      workspace: "default"
    })
    expect(lines.map(({ route }) => route)).toEqual([
      "/v1/campaigns",
      "/v1/campaigns/:id/leads/bulk",
      "/v1/campaigns/:id",
      null
    ])
  })

  it("refuses paths of broken escapes, and names of any length, without a fault", async () => {
    const { folder } = scene()
    const { child, ended, port } = await serving(folder)
    const get = (path: string) =>
      sendRaw(port, `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)
    for (const path of ["/v1/campaigns/%zz", "/v1/campaigns/%ff/stats", "/%"]) {
      const answer = await get(path)
      expect([path, statusOf(answer)]).toEqual([path, 404])
      expect(answer).toContain('"code":"path_not_found"')
    }
    expect(statusOf(await get(`/v1/campaigns/${"a".repeat(8_000)}`))).toBe(401)
    for (const method of ["POST", "OPTIONS", "TRACE"]) {
      const answer = await sendRaw(
        port,
        `${method} /openapi.json HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`
      )
      expect([method, statusOf(answer)]).toEqual([method, 405])
      expect(answer).toMatch(/\r\nallow: GET, HEAD\r\n/i)
    }
    child.kill("SIGTERM")
    expect((await ended).err).not.toContain("stack")
  })

  it("logs a caller who leaves as such, and no error", async () => {
    const { folder } = scene()
    const key = await keyIn(folder)
    const { child, ended, port } = await serving(folder)
    const logged = once(child.stderr, "data")
    const call = await beginCall(port, key)
    call.leave()
    await logged
    child.kill("SIGTERM")
    const [line, ...more] = linesOf(await ended)
    expect(line).toMatchObject({ method: "POST", route: "/v1/campaigns", status: 499 })
    expect(more).toEqual([])
  })

  it("finishes a call that is under way when it is stopped, and takes no other", async () => {
    const { folder } = scene()
    const key = await keyIn(folder)
    const { child, ended, port } = await serving(folder, ["--grace-seconds", "3600"])
    const call = await beginCall(port, key)
    child.kill("SIGTERM")
    await refused(port)
    const answer = await call.finish()
    expect(answer).toMatch(/HTTP\/1\.1 201 /)
    expect(answer).toMatch(/connection: close/i)
    const end = await ended
    expect([end.exitCode, linesOf(end).map(({ status }) => status)]).toEqual([0, [201]])
  })

  it("drains when it is told to: it is not ready, and calls and streams go on until the time is over", async () => {
    const { folder } = scene()
    const key = await keyIn(folder)
    const { child, ended, url } = await serving(folder, ["--drain-seconds", "3600"])
    const ready = async () => {
      const answer = await fetch(`${url}/readyz`, { headers: { connection: "close" } })
      return [answer.status, await answer.json()]
    }
    const stream = await fetch(`${url}/v1/events/stream`, { headers: authorized(key) })
    const leaving = stream.text().catch(() => "cut off")
    expect(await ready()).toEqual([200, { status: "ok" }])
    child.kill("SIGTERM")
    while ((await ready())[0] === 200) await new Promise(setImmediate)
    expect(await ready()).toEqual([503, { status: "stopping" }])
    const made = await fetch(`${url}/v1/campaigns`, {
      method: "POST",
      headers: { ...authorized(key), connection: "close" },
      body: campaign
    })
    expect(made.status).toBe(201)
    child.kill("SIGTERM")
    expect((await ended).exitCode).toBe(130)
    await leaving
  })

  it("stops once it has drained", async () => {
    const { folder } = scene()
    await keyIn(folder)
    const { child, ended } = await serving(folder, ["--drain-seconds", "1", "--grace-seconds", "3600"])
    child.kill("SIGTERM")
    expect(await ended).toMatchObject({ exitCode: 0, err: "" })
  })

  it("stops at once when no call is under way, whatever connections are open", async () => {
    const { folder } = scene()
    await keyIn(folder)
    const { child, ended, port, url } = await serving(folder, ["--grace-seconds", "3600"])
    const silent = connect(port, "127.0.0.1")
    await once(silent, "connect")
    await (await fetch(`${url}/healthz`)).text()
    child.kill("SIGINT")
    expect(await ended).toMatchObject({ exitCode: 0, err: "" })
  })

  it("holds a workspace to the rate that it is given", async () => {
    const { folder } = scene()
    const key = await keyIn(folder)
    const { child, ended, url } = await serving(folder, ["--rate", "7"])
    const { headers } = await fetch(`${url}/v1/campaigns`, { headers: authorized(key) })
    expect(headers.get("ratelimit-policy")).toBe('"calls";q=70;w=10')
    child.kill("SIGTERM")
    await ended
  })

  it("serves metrics when it is asked to, and no name of a workspace in them", async () => {
    const { folder } = scene()
    const key = await keyIn(folder)
    const { child, ended, url } = await serving(folder, ["--metrics"])
    await fetch(`${url}/v1/campaigns?limit=1`, { headers: authorized(key) })
    await fetch(`${url}/v1/campaigns/x/y/z`)
    const page = await fetch(`${url}/metrics`)
    const text = await page.text()
    expect(page.headers.get("content-type")).toContain("text/plain")
    expect(text).toContain(
      'leadterra_http_request_duration_seconds_count{method="GET",route="/v1/campaigns",status="200"} 1'
    )
    expect(text).toContain('{method="GET",route="none",status="404"} 1')
    expect(text).toContain("process_resident_memory_bytes")
    expect(text).not.toMatch(/workspace|default/)
    child.kill("SIGTERM")
    await ended
    const without = await serving(folder)
    expect((await fetch(`${without.url}/metrics`)).status).toBe(404)
  })

  it("serves documents about the API without a key, and no page for people where none is wanted", async () => {
    const { folder } = scene()
    await keyIn(folder)
    const { child, ended, url } = await serving(folder)
    const page = await fetch(`${url}/reference`)
    const [, script = ""] = /<script src="([^"]+)"/.exec(await page.text()) ?? []
    expect([page.status, (await fetch(`${url}/${script}`)).status]).toEqual([200, 200])
    expect(await (await fetch(`${url}/llms.txt`)).text()).toContain("(/reference)")
    child.kill("SIGTERM")
    await ended
    const without = await serving(folder, ["--no-reference"])
    expect((await fetch(`${without.url}/reference`)).status).toBe(404)
    expect(await (await fetch(`${without.url}/llms.txt`)).text()).not.toContain("/reference")
  })

  it("ends streams of events when it is stopped", async () => {
    const { folder } = scene()
    const key = await keyIn(folder)
    const { child, ended, url } = await serving(folder, ["--grace-seconds", "60"])
    const stream = await fetch(`${url}/v1/events/stream`, { headers: authorized(key) })
    const text = stream.text()
    child.kill("SIGTERM")
    expect(await text).toContain(": events follow")
    expect((await ended).exitCode).toBe(0)
  })

  it("cuts calls off when the grace is over, and says so in the log", async () => {
    const { folder } = scene()
    const key = await keyIn(folder)
    const { child, ended, port } = await serving(folder, ["--grace-seconds", "0"])
    const call = await beginCall(port, key)
    child.kill("SIGTERM")
    await call.closed
    const end = await ended
    expect(end.exitCode).toBe(0)
    expect(linesOf(end)).toContainEqual({ time: expect.any(String), event: "stopped", callsCutOff: 1 })
  })

  it("ends at a second signal", async () => {
    const { folder } = scene()
    const key = await keyIn(folder)
    const { child, ended, port } = await serving(folder, ["--grace-seconds", "3600"])
    await beginCall(port, key)
    child.kill("SIGTERM")
    await refused(port)
    child.kill("SIGTERM")
    expect((await ended).exitCode).toBe(130)
  })

  it("refuses headers above 16 KB, and says where keys come from when there is none", async () => {
    const { folder } = scene()
    const { child, ended, port } = await serving(folder)
    const answer = await sendRaw(port, `GET / HTTP/1.1\r\nhost: x\r\nx: ${"a".repeat(20_000)}\r\n\r\n`)
    expect(statusOf(answer)).toBe(431)
    child.kill("SIGTERM")
    const { out } = await ended
    expect(out).toMatch(/^There are no API keys yet: leadterra keys create makes one\nListening on /)
    expect(out).not.toMatch(keyPattern)
  })
})

describe("the start of a server", () => {
  it("prints a key to a person on a new store, once", async () => {
    const { command } = scene()
    const start = async () => {
      const stop = new AbortController()
      let status = 0
      const ran = await command(["serve", "--port", "0", "--workspace", "acme"], {
        isOnTerminal: true,
        interrupt: stop.signal,
        onOut: async (text) => {
          const [, url] = /Listening on (\S+)/.exec(text) ?? []
          const [key = "sk_live_none"] = keyPattern.exec(text) ?? []
          status = (await fetch(`${url}/v1/campaigns`, { headers: authorized(key) })).status
          stop.abort()
        }
      })
      return { ...ran, status }
    }
    const first = await start()
    expect(first).toMatchObject({ exitCode: 0, status: 200 })
    expect(first.out).toMatch(/^The first API key, shown this once, of the workspace acme: sk_live_/)
    const second = await start()
    expect(second).toMatchObject({ exitCode: 0, status: 401 })
    expect(second.out).toMatch(/^Listening on http:\/\/127\.0\.0\.1:\d+\n$/)
  })

  it("fails in a sentence for a port that is taken, a host that is not this machine's, and a store that cannot be opened", async () => {
    const { command, folder } = scene()
    const other = createServer().listen(0, "127.0.0.1")
    await once(other, "listening")
    onTestFinished(() => void other.close())
    const address = other.address()
    const port = typeof address === "object" && address !== null ? String(address.port) : ""
    expect(await command(["serve", "--port", port])).toEqual({
      exitCode: 2,
      out: "",
      err: `error: Port ${port} is taken: stop what listens there, or name another by --port\n`
    })
    expect(await command(["serve", "--port", "0", "--host", "203.0.113.7"])).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining("This machine has no address 203.0.113.7: name 127.0.0.1")
    })
    for (const host of ["", " ", "\t"])
      expect(await command(["serve", "--port", "0", "--host", host])).toEqual({
        exitCode: 2,
        out: "",
        err: "error: --host is empty: name 127.0.0.1, or 0.0.0.0 for all addresses of this machine\n"
      })
    for (const [json, isOnTerminal] of [
      [[], false],
      [["--json"], true]
    ] as const)
      expect(
        await command(["--db", ":memory:", ...json, "serve", "--port", "0"], { isOnTerminal })
      ).toMatchObject({
        exitCode: 2,
        out: "",
        err: expect.stringContaining(":memory: shows its one API key")
      })
    const missing = await command(["--db", join(folder, "no", "leads.db"), "serve", "--port", "0"])
    expect(missing).toMatchObject({ exitCode: 4, out: "", err: expect.stringContaining("folder exists") })
    expect(await command(["serve", "--port", "70000"])).toMatchObject({ exitCode: 2, out: "" })
    expect(await command(["serve", "--port", "0", "--rate", "0"])).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining("from 1 to 1000000")
    })
    expect(await command(["serve", "--port", "0", "--public-url", "mail.example.com"])).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining("--public-url: the public url must begin with https://")
    })
  })
})

describe("the probes", () => {
  const probes = (isStopping: boolean, readStore: () => Promise<unknown>) =>
    makeProbes({ isStopping: () => isStopping, readStore })
  const statusOfProbe = async (made: ReturnType<typeof probes>, route: string, method = "GET") => {
    const { status } = await made.answer(route, method)
    return status
  }

  it("say that the process is up, and not ready while it stops or its store does not answer", async () => {
    const well = probes(false, async () => true)
    const stopping = probes(true, async () => true)
    const broken = probes(false, async () => Promise.reject(new Error("no")))
    const silent = probes(false, () => new Promise(() => {}))
    for (const each of [well, stopping, broken, silent])
      expect(await statusOfProbe(each, "/healthz")).toBe(200)
    expect(await statusOfProbe(well, "/readyz")).toBe(200)
    for (const each of [stopping, broken]) expect(await statusOfProbe(each, "/readyz")).toBe(503)
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const late = statusOfProbe(silent, "/readyz")
    await vi.advanceTimersByTimeAsync(2_000)
    expect(await late).toBe(503)
    expect(await statusOfProbe(well, "/readyz", "POST")).toBe(405)
  })
})
