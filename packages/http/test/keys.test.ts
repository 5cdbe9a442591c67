/** API keys: their format, and the use cases that create, find, list and revoke them. */
import { createHash } from "node:crypto"
import { inspect } from "node:util"
import { crc32 as crc32OfZlib } from "node:zlib"
import { MemoryRepository } from "@leadterra/adapter-memory"
import { open } from "@leadterra/core/promise"
import fc from "fast-check"
import { describe, expect, it, onTestFinished } from "vitest"
import {
  createKey,
  findKey,
  hashKey,
  listKeys,
  MemoryServerStore,
  makeKey,
  parseKey,
  revokeKey
} from "../src/index.ts"
import { crc32 } from "../src/keys/crc32.ts"
import { keyOf } from "../src/keys/key.ts"

const scanner = /^sk_(live|test)_[0-9A-Za-z]{43}[0-9A-Za-z]{6}$/
const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
const mode = fc.constantFrom("live" as const, "test" as const)
const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 })
const now = Date.UTC(2026, 4, 1)

/** The 32 bytes that the random digits of a key stand for. */
const bytesOf = (key: string): Uint8Array => {
  let value = 0n
  for (const digit of key.slice("sk_live_".length, -6)) value = value * 62n + BigInt(digits.indexOf(digit))
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(64, "0"), "hex"))
}

describe("the format", () => {
  it("matches the pattern of a scanner for secrets, in both modes", () => {
    fc.assert(
      fc.property(mode, bytes, (mode, bytes) => {
        const key = keyOf(mode, bytes)
        expect(key).toMatch(scanner)
        expect(parseKey(key)).toBe(mode)
      })
    )
    expect(makeKey({ mode: "live" })).toMatch(/^sk_live_/)
    expect(makeKey({ mode: "test" })).toMatch(/^sk_test_/)
  })

  it("is the same for ever: keys of fixed bytes", () => {
    expect(keyOf("live", new Uint8Array(32))).toBe(`sk_live_${"0".repeat(43)}1Vxh1Z`)
    expect(keyOf("test", new Uint8Array(32).fill(255))).toBe(
      "sk_test_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp146ZkIP"
    )
  })

  it("holds all 256 random bits, so that every key is equally likely", () => {
    fc.assert(
      fc.property(mode, bytes, (mode, bytes) => {
        expect(bytesOf(keyOf(mode, bytes))).toEqual(bytes)
      })
    )
  })

  it("has other bits each time", () => {
    const keys = new Set(Array.from({ length: 1_000 }, () => makeKey({ mode: "live" })))
    expect(keys.size).toBe(1_000)
  })

  it("fails its checksum by one wrong character, by two that are swapped, and in the other mode", () => {
    fc.assert(
      fc.property(bytes, fc.nat(48), fc.nat(60), (bytes, index, step) => {
        const key = keyOf("live", bytes)
        const at = "sk_live_".length + index
        const found = key.charAt(at)
        const wrong = digits.charAt((digits.indexOf(found) + 1 + step) % 62)
        expect(parseKey(key.slice(0, at) + wrong + key.slice(at + 1))).toBeUndefined()
        const next = key.charAt(at + 1)
        if (next !== found && next !== "")
          expect(parseKey(key.slice(0, at) + next + found + key.slice(at + 2))).toBeUndefined()
        expect(parseKey(key.replace("sk_live_", "sk_test_"))).toBeUndefined()
      })
    )
  })

  it("is that of no other text", () => {
    const key = keyOf("live", new Uint8Array(32).fill(7))
    const others = ["", "sk_live_", ` ${key}`, `${key}\n`, `${key}0`, key.slice(0, -1), key.toUpperCase()]
    for (const other of others) expect(parseKey(other), other).toBeUndefined()
    fc.assert(fc.property(fc.string(), (text) => parseKey(text) === undefined))
  })

  it("has the checksum of zlib", () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => crc32(bytes) === crc32OfZlib(bytes)))
  })

  it("is hashed by SHA-256, in hexadecimal digits", async () => {
    const key = makeKey({ mode: "live" })
    expect(await hashKey(key)).toBe(createHash("sha256").update(key).digest("hex"))
  })
})

/** The stores of leads and of keys, both in memory. */
const newStores = async () => {
  const engine = await open(MemoryRepository.layer)
  onTestFinished(() => engine.close())
  return { engine, store: MemoryServerStore.make() }
}

describe("the use cases", () => {
  it("create a key that is told once, found by its text, listed without its hash, and revoked", async () => {
    const { engine, store } = await newStores()
    const { key, record } = await createKey({ engine, store }, { workspaceId: "acme", mode: "live", now })
    const { hash, ...summary } = record
    expect(summary).toEqual({
      id: expect.stringMatching(/^key_[0-9A-HJKMNP-TV-Z]{26}$/),
      workspaceId: "acme",
      mode: "live",
      hint: key.slice(-4),
      createdAt: now,
      revokedAt: null
    })
    expect(hash).toBe(await hashKey(key))
    expect(await findKey(store, key)).toEqual(summary)
    expect(await listKeys(store)).toEqual([summary])
    expect(await listKeys(store, { workspaceId: "other" })).toEqual([])
    expect(await revokeKey(store, { id: record.id, now: now + 1 })).toBe(true)
    expect(await findKey(store, key)).toBeUndefined()
    expect(await listKeys(store)).toEqual([{ ...summary, revokedAt: now + 1 }])
    expect(await revokeKey(store, { id: "key_unknown", now })).toBe(false)
  })

  it("TC-1: the first key of a new workspace decides its mode for ever, in both stores", async () => {
    const { engine, store } = await newStores()
    const stores = { engine, store }
    await createKey(stores, { workspaceId: "t", mode: "test", now })
    await createKey(stores, { workspaceId: "l", mode: "live", now })
    expect(await engine.testClock.get({ workspaceId: "t" })).toEqual({ now: expect.any(Number) })
    await expect(engine.testClock.get({ workspaceId: "l" })).rejects.toMatchObject({
      _tag: "NotATestWorkspace"
    })
    const refusals = [
      ["t", "live", "this workspace is a test workspace, for ever: name another one for live keys"],
      ["l", "test", "this workspace is a live workspace, for ever: name another one for test keys"]
    ] as const
    for (const [workspaceId, mode, message] of refusals) {
      const created = createKey(stores, { workspaceId, mode, now })
      await expect(created).rejects.toMatchObject({ _tag: "WorkspaceModeConflict", workspaceId, message })
      await createKey(stores, { workspaceId, mode: mode === "live" ? "test" : "live", now })
    }
    expect(await listKeys(store)).toHaveLength(4)
  })

  it("TC-1: a workspace that was written to without a key is live", async () => {
    const stores = await newStores()
    await stores.engine.suppression.add({ workspaceId: "acme", emails: ["ava@acmecorp.com"] })
    const created = createKey(stores, { workspaceId: "acme", mode: "test", now })
    await expect(created).rejects.toMatchObject({ _tag: "WorkspaceModeConflict", mode: "live" })
    expect(await stores.store.keys.isEmpty()).toBe(true)
    await createKey(stores, { workspaceId: "acme", mode: "live", now })
  })

  it("TC-1: a process that ends before the key is stored leaves a mode that holds, and the same call adds the key", async () => {
    const { engine, store } = await newStores()
    const ended = { ...store, keys: { ...store.keys, add: () => Promise.reject(new Error("ended")) } }
    const test = { workspaceId: "acme", mode: "test", now } as const
    await expect(createKey({ engine, store: ended }, test)).rejects.toThrow("ended")
    const other = createKey({ engine, store }, { ...test, mode: "live" })
    await expect(other).rejects.toMatchObject({ _tag: "WorkspaceModeConflict", mode: "test" })
    expect(await store.keys.isEmpty()).toBe(true)
    const { key } = await createKey({ engine, store }, test)
    expect(await findKey(store, key)).toMatchObject({ workspaceId: "acme", mode: "test" })
  })

  it("TC-1: of calls at once for both modes those of one mode succeed, and both stores have it", async () => {
    const { engine, store } = await newStores()
    const modes = ["test", "live", "live", "test"] as const
    const results = await Promise.allSettled(
      modes.map((mode) => createKey({ engine, store }, { workspaceId: "acme", mode, now }))
    )
    const [record] = await listKeys(store)
    const outcomes = results.map(({ status }) => status)
    expect(outcomes).toEqual(modes.map((mode) => (mode === record?.mode ? "fulfilled" : "rejected")))
    const clock = await engine.testClock.get({ workspaceId: "acme" }).then(
      () => "test",
      () => "live"
    )
    expect(clock).toBe(record?.mode)
  })

  it("find no mistyped key, without a look-up, and no unknown one", async () => {
    const store = MemoryServerStore.make()
    const key = makeKey({ mode: "live" })
    let lookUps = 0
    const counting = {
      ...store,
      keys: {
        ...store.keys,
        byHash: (hash: string) => {
          lookUps += 1
          return store.keys.byHash(hash)
        }
      }
    }
    expect(await findKey(counting, `${key.slice(0, -1)}${key.endsWith("0") ? "1" : "0"}`)).toBeUndefined()
    expect(lookUps).toBe(0)
    expect(await findKey(counting, key)).toBeUndefined()
    expect(lookUps).toBe(1)
  })

  it("refuse an invalid workspace id", async () => {
    const { engine, store } = await newStores()
    const created = createKey({ engine, store }, { workspaceId: "a b", mode: "live", now })
    await expect(created).rejects.toMatchObject({ _tag: "InvalidRequest" })
    expect(await store.keys.isEmpty()).toBe(true)
  })

  it("refuse a mode and a time that are none, by name", async () => {
    const { engine, store } = await newStores()
    const good = { workspaceId: "acme", mode: "live", now }
    // A caller without types passes these on as they are.
    const create = (changed: object) =>
      Reflect.apply(createKey, undefined, [
        { engine, store },
        { ...good, ...changed }
      ])
    const invalid = (path: string) => ({
      _tag: "InvalidRequest",
      issues: [expect.objectContaining({ path })]
    })
    await create({})
    for (const mode of ["prod", "", undefined, null, ["live"]])
      await expect(create({ mode })).rejects.toMatchObject(invalid("mode"))
    const times = [
      Number.NaN,
      undefined,
      null,
      new Date(now),
      `${now}`,
      -1,
      0.5,
      2 ** 48,
      Number.POSITIVE_INFINITY
    ]
    for (const time of times) {
      await expect(create({ now: time })).rejects.toMatchObject(invalid("now"))
      const revoked = Reflect.apply(revokeKey, undefined, [store, { id: "key_unknown", now: time }])
      await expect(revoked).rejects.toMatchObject(invalid("now"))
    }
    expect(await listKeys(store)).toHaveLength(1)
  })

  it("give keys of one millisecond different ids, which sort by time", async () => {
    const { engine, store } = await newStores()
    const ids: Array<string> = []
    for (let i = 0; i < 100; i++)
      ids.push(
        (await createKey({ engine, store }, { workspaceId: "acme", mode: "live", now: now + (i >> 1) }))
          .record.id
      )
    expect(new Set(ids).size).toBe(100)
    const times = ids.map((id) => id.slice(0, 14))
    expect(times).toEqual(times.toSorted())
  })

  it("keep the key out of the record and out of every error", async () => {
    const { engine, store } = await newStores()
    const { key, record } = await createKey({ engine, store }, { workspaceId: "acme", mode: "live", now })
    const errors = [
      await store.keys.add({ ...record, mode: "test" }).catch(String),
      await createKey({ engine, store }, { workspaceId: "acme", mode: "test", now }).catch((error: unknown) =>
        inspect(error)
      ),
      await createKey({ engine, store }, { workspaceId: key, mode: "live", now }).catch((error: unknown) =>
        inspect(error)
      )
    ]
    expect(errors).toHaveLength(3)
    for (const text of [JSON.stringify(record), ...errors.map(String)]) {
      expect(text).not.toContain(key.slice("sk_live_".length, -6))
    }
  })
})
