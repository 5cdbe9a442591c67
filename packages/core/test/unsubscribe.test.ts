import { createHmac } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { InvalidRequest, InvalidToken, Limits } from "@leadterra/core"
import { Unsubscribe } from "@leadterra/core/promise"
import fc from "fast-check"
import { describe, expect, it } from "vitest"

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
const ulids = fc.string({ unit: fc.constantFrom(...crockford), minLength: 26, maxLength: 26 })
const workspaces = fc.stringMatching(/^[A-Za-z0-9._:-]{1,64}$/)
const messageIds = fc
  .tuple(workspaces, ulids, ulids, fc.integer({ min: 0, max: 999 }))
  .map(([workspace, campaign, lead, step]) => `msg_${workspace}_${campaign}_${lead}_${step}`)
const secrets = fc.oneof(
  fc.string({ minLength: 32, maxLength: 64 }),
  fc.string({ unit: "binary", minLength: 32, maxLength: 64 }).map((text) => text.replaceAll("\0", "0"))
)
const messageId = "msg_ws_1_01JXCQ00000000000000000000_01JXCQ00000000000000000001_0"
const secret = "5e884898da28047151d0e56f8dc62927"
const token =
  "u1.bXNnX3dzXzFfMDFKWENRMDAwMDAwMDAwMDAwMDAwMDAwMDBfMDFKWENRMDAwMDAwMDAwMDAwMDAwMDAwMDFfMA." +
  createHmac("sha256", secret).update(`leadterra:unsubscribe:1:${messageId}`).digest("base64url")

const failure = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    (answer) => `resolved with ${String(answer)}`,
    (error: unknown) => error
  )

const specPage = readFileSync(join(import.meta.dirname, "../../../docs/spec/unsubscribing.md"), "utf8")

describe("FAULTS 41: unsubscribe tokens", () => {
  it("UN-1: a token is written as the spec says, so that another language signs alike", async () => {
    expect(await Unsubscribe.sign({ secret, messageId })).toBe(token)
    expect(await Unsubscribe.verify({ secret, token })).toBe(messageId)
    expect(specPage).toContain(`secret  ${secret}\nid      ${messageId}\ntoken   ${token}\n`)
  })

  it("UN-1: a token gives back the message that it was signed for, and holds no address", async () => {
    await fc.assert(
      fc.asyncProperty(secrets, messageIds, async (secret, messageId) => {
        const token = await Unsubscribe.sign({ secret, messageId })
        expect(token).toMatch(/^[A-Za-z0-9._-]+$/)
        expect(token.length).toBeLessThanOrEqual(Limits.maxTokenLength)
        expect(await Unsubscribe.verify({ secret, token })).toBe(messageId)
      }),
      { numRuns: 200 }
    )
  })

  it("UN-1: no change of a character, and no token of another secret, message or purpose, is accepted", async () => {
    const anyChange = fc.record({
      at: fc.nat({ max: token.length - 1 }),
      to: fc.string({
        unit: fc.constantFrom(..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.= ~é")
      }),
      drop: fc.integer({ min: 0, max: 2 })
    })
    await fc.assert(
      fc.asyncProperty(anyChange, async ({ at, drop, to }) => {
        const changed = token.slice(0, at) + to + token.slice(at + drop)
        fc.pre(changed !== token)
        expect(await failure(Unsubscribe.verify({ secret, token: changed }))).toBeInstanceOf(InvalidToken)
      }),
      { numRuns: 2_000 }
    )
    for (let at = 0; at < token.length; at++) {
      for (const to of "AQgwB_-.") {
        if (token[at] === to) continue
        const changed = token.slice(0, at) + to + token.slice(at + 1)
        expect(await failure(Unsubscribe.verify({ secret, token: changed }))).toBeInstanceOf(InvalidToken)
      }
    }
    const [version, id] = token.split(".")
    const signedFor = (text: string) => createHmac("sha256", secret).update(text).digest("base64url")
    for (const text of [
      messageId,
      `leadterra:view:1:${messageId}`,
      `leadterra:unsubscribe:1:${messageId} `
    ]) {
      const forged = `${version}.${id}.${signedFor(text)}`
      expect(await failure(Unsubscribe.verify({ secret, token: forged }))).toBeInstanceOf(InvalidToken)
    }
    const noMessage = Buffer.from("lead_1").toString("base64url")
    const wellSigned = `${version}.${noMessage}.${signedFor("leadterra:unsubscribe:1:lead_1")}`
    expect(await failure(Unsubscribe.verify({ secret, token: wellSigned }))).toBeInstanceOf(InvalidToken)
    await fc.assert(
      fc.asyncProperty(secrets, async (other) => {
        fc.pre(other !== secret)
        const forged = await Unsubscribe.sign({ secret: other, messageId })
        expect(await failure(Unsubscribe.verify({ secret, token: forged }))).toBeInstanceOf(InvalidToken)
      }),
      { numRuns: 100 }
    )
  })

  it("UN-1: ids of a batch that are counted through are no tokens", async () => {
    for (const guess of [messageId, `u1.${messageId}.`, `${token.slice(0, -43)}${"A".repeat(43)}`])
      expect(await failure(Unsubscribe.verify({ secret, token: guess }))).toBeInstanceOf(InvalidToken)
  })

  it("UN-1: any text and any value is a token or an InvalidToken, which repeats none of it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: "binary" }), fc.anything()), async (token) => {
        const error = await failure(Unsubscribe.verify({ secret, token: token as string }))
        expect(error).toBeInstanceOf(InvalidToken)
      }),
      { numRuns: 500 }
    )
    const long = `${token}${"A".repeat(1_000_000)}`
    expect(await failure(Unsubscribe.verify({ secret, token: long }))).toBeInstanceOf(InvalidToken)
  })

  it("UN-1: with several secrets the first signs and all verify, so that a secret can be changed", async () => {
    const next = "a".repeat(32)
    expect(await Unsubscribe.sign({ secret: [secret, next], messageId })).toBe(token)
    expect(await Unsubscribe.verify({ secret: [next, secret], token })).toBe(messageId)
    expect(await failure(Unsubscribe.verify({ secret: [next], token }))).toBeInstanceOf(InvalidToken)
  })

  it.each([
    ["a short one", "a".repeat(31)],
    ["none", []],
    ["a long one", "a".repeat(1_025)],
    ["one with a lone surrogate", `${"a".repeat(32)}\ud800`],
    ["one that is no text", 5],
    ["none at all", undefined],
    ["a short one behind another", [secret, "a"]],
    ["eleven", Array(11).fill(secret)]
  ])("UN-1: a secret is refused that is %s", async (_, wrong) => {
    for (const call of [
      Unsubscribe.sign({ secret: wrong as string, messageId }),
      Unsubscribe.verify({ secret: wrong as string, token })
    ]) {
      const error = await failure(call)
      expect(error).toBeInstanceOf(InvalidRequest)
      expect(error).toHaveProperty("issues.0.path", "secret")
      expect(String(error)).not.toContain(secret)
    }
  })

  it("UN-1: 32 bytes of text outside ASCII are a secret, and only a message's id is signed", async () => {
    expect(await Unsubscribe.sign({ secret: "é".repeat(16), messageId })).toMatch(/^u1\./)
    for (const wrong of ["", "ava@example.com", `${messageId}\n`, 3, undefined]) {
      const error = await failure(Unsubscribe.sign({ secret, messageId: wrong as string }))
      expect(error).toHaveProperty("issues.0.path", "messageId")
    }
  })
})
