/** The stream of events over connections that are cut, silent or refused. */
import { describe, expect, it } from "vitest"
import { followRetries, silenceMillis } from "../src/follow.ts"
import { failureOf, lost, problem, type Reply, startScript, startServer, steps } from "./server.ts"

const encoder = new TextEncoder()
const type = { headers: { "content-type": "text/event-stream" } }

/** A stream of pieces, which then ends, is cut or stays open. */
const stream =
  (pieces: ReadonlyArray<string | Uint8Array>, end: "end" | "cut" | "stay" = "end"): Reply =>
  () => {
    const left = pieces.map((piece) => (typeof piece === "string" ? encoder.encode(piece) : piece))
    const body = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const piece = left.shift()
        if (piece !== undefined) controller.enqueue(piece)
        else if (end === "end") controller.close()
        else if (end === "cut") controller.error(new TypeError("terminated"))
        else await new Promise(() => {})
      }
    })
    return new Response(body, type)
  }

const event = (sequence: number) => ({ sequence, at: "2026-06-10T15:00:00.000Z", kind: "lead.enrolled" })
const eventText = (n: number) => `id: cursor${n}\nevent: lead.enrolled\ndata: ${JSON.stringify(event(n))}\n\n`

const take = async <A>(loop: AsyncGenerator<A>, count: number): Promise<Array<A>> => {
  const taken: Array<A> = []
  for await (const one of loop) {
    taken.push(one)
    if (taken.length === count) break
  }
  return taken
}

describe("follow", () => {
  it("tells each event once over connections that are cut between, and within, events", async () => {
    const { client, requests, waits } = startScript([
      stream([": events follow\n\n", eventText(1), eventText(2), eventText(3).slice(0, -1)], "cut"),
      lost,
      problem(503, "unavailable", { headers: { "retry-after": "1" } }),
      stream([": events follow\n\n", eventText(3), eventText(4)]),
      stream([eventText(5)])
    ])
    const events = await take(client.events.follow(), 5)
    expect(events.map(({ cursor, sequence }) => [cursor, sequence])).toEqual(
      [1, 2, 3, 4, 5].map((n) => [`cursor${n}`, n])
    )
    const ids = requests.map(({ headers }) => headers.get("last-event-id"))
    expect(ids).toEqual([null, "cursor2", "cursor2", "cursor2", "cursor4"])
    expect(waits).toEqual([250, 500, 1_000, 250])
  })

  it("reads events whatever the pieces and the ends of lines", async () => {
    const text = `\ufeff: hello\r\n\r\nid: c1\rdata: {"sequence":\r\ndata: 1,"at":"ü","kind":"x"}\r\rid:c2\r\ndata:{"sequence":2,"at":"","kind":"x"}\r\n\r\nretry: 1\nid: c3\ndata: {"sequence":3,"at":"","kind":"x"}\n\n`
    const bytes = encoder.encode(text)
    for (const size of [1, 2, 3, 7, bytes.length]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
        bytes.slice(n * size, (n + 1) * size)
      )
      const { client } = startScript([stream(pieces)])
      expect(await take(client.events.follow(), 3)).toEqual([
        { cursor: "c1", sequence: 1, at: "ü", kind: "x" },
        { cursor: "c2", sequence: 2, at: "", kind: "x" },
        { cursor: "c3", sequence: 3, at: "", kind: "x" }
      ])
    }
  })

  it("begins behind a cursor, and closes the connection when the loop is left", async () => {
    let cancelled = 0
    const open: Reply = () =>
      new Response(
        new ReadableStream<Uint8Array>({
          start: (controller) => controller.enqueue(encoder.encode(eventText(8))),
          cancel: () => void cancelled++
        }),
        type
      )
    const { client, limits, requests } = startScript([open])
    await take(client.events.follow({ after: "cursor7" }), 1)
    expect(requests[0]?.headers.get("last-event-id")).toBe("cursor7")
    expect({ cancelled, limits: limits.size }).toEqual({ cancelled: 1, limits: 0 })
  })

  it("takes a silent connection for lost, and does not count the time that the caller takes", async () => {
    const script = startScript([stream([eventText(1)], "stay"), stream([eventText(2)])])
    const loop = script.client.events.follow()
    expect((await loop.next()).value).toMatchObject({ sequence: 1 })
    expect(script.limits.size).toBe(0)
    const next = loop.next()
    await new Promise(setImmediate)
    expect([...script.limits.values()]).toEqual([silenceMillis])
    script.runOut()
    expect((await next).value).toMatchObject({ sequence: 2 })
    expect(script.requests[1]?.headers.get("last-event-id")).toBe("cursor1")
  })

  it("ends with a failure that is final, and after too many in a row", async () => {
    const revoked = startScript([stream([eventText(1)]), problem(401, "authentication_failed")])
    const loop = revoked.client.events.follow()
    await loop.next()
    expect(await failureOf(loop.next())).toMatchObject({ status: 401, code: "authentication_failed" })

    const away = startScript([lost], { maxWaitMillis: 10_000_000 })
    expect(await failureOf(away.client.events.follow().next())).toMatchObject({ code: "connection_failed" })
    expect(away.requests).toHaveLength(followRetries + 1)

    const short = startScript([stream([": events follow\n\n"])])
    expect(await failureOf(short.client.events.follow().next())).toMatchObject({ code: "connection_failed" })
    expect(short.waits.reduce((sum, wait) => sum + wait, 0)).toBeLessThanOrEqual(60_000)

    for (const data of [
      "{ava@acmecorp.com",
      "null",
      '"ava@acmecorp.com"',
      "[]",
      '{"kind":"ava@acmecorp.com"}'
    ]) {
      const broken = startScript([stream([`id: c1\ndata: ${data}\n\n`])])
      const error = await failureOf(broken.client.events.follow().next())
      expect(error).toMatchObject({ code: "unexpected_answer" })
      expect(`${error}`).not.toContain("ava@")
    }
  })

  it("begins to count anew after a connection that held", async () => {
    let opened = 0
    const script = startScript([
      (request) => {
        if (++opened > 100) return problem(401, "authentication_failed")(request)
        script.pass(60_000)
        return stream([": events follow\n\n"])(request)
      }
    ])
    // The time passes before the connection is open, so these count as failures in a row.
    expect(await failureOf(script.client.events.follow().next())).toMatchObject({ code: "connection_failed" })

    let held = 0
    const settled = startScript([
      (request) => {
        if (++held > 100) return problem(401, "authentication_failed")(request)
        const body = new ReadableStream<Uint8Array>(
          {
            pull: (controller) => {
              settled.pass(60_000)
              controller.close()
            }
          },
          { highWaterMark: 0 }
        )
        return new Response(body, type)
      }
    ])
    expect(await failureOf(settled.client.events.follow().next())).toMatchObject({ status: 401 })
    expect(held).toBe(101)
  })

  it("ends by its signal, with the reason", async () => {
    const controller = new AbortController()
    const reason = new Error("left")
    const { client } = startScript([stream([eventText(1)], "stay")])
    const loop = client.events.follow({ signal: controller.signal })
    await loop.next()
    const next = failureOf(loop.next())
    await new Promise(setImmediate)
    controller.abort(reason)
    expect(await next).toBe(reason)
  })

  it("goes on with the handlers of the server behind a cut", async () => {
    const { client, server } = await startServer()
    const plain = client()
    const { campaign } = await plain.campaigns.create({ name: "Spring", sequenceSteps: steps })
    await plain.leads.bulk(campaign.id, { leads: [{ email: "ava@acmecorp.com" }] })
    let cuts = 0
    const cutting = client({
      fetch: async (request) => {
        const response = await server.fetch(request)
        if (!request.url.endsWith("/stream") || cuts > 0 || response.body === null) return response
        cuts++
        const reader = response.body.getReader()
        let seen = ""
        const body = new ReadableStream<Uint8Array>({
          pull: async (controller) => {
            const { value } = await reader.read()
            seen += new TextDecoder().decode(value)
            if (value !== undefined) controller.enqueue(value)
            if (!seen.includes("lead.enrolled")) return
            await reader.cancel()
            controller.close()
          }
        })
        return new Response(body, { headers: response.headers })
      }
    })
    const kinds: Array<string> = []
    for await (const { kind } of cutting.events.follow()) {
      kinds.push(kind)
      if (kind === "lead.enrolled") await plain.campaigns.start(campaign.id)
      if (kind === "campaign.started") await plain.campaigns.pause(campaign.id)
      if (kind === "campaign.paused") break
    }
    expect({ cuts, kinds }).toEqual({
      cuts: 1,
      kinds: ["lead.enrolled", "campaign.started", "campaign.paused"]
    })
  })
})
