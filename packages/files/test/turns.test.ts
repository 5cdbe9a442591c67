/** A list holds nobody up while it is read, however little of it is rows. */
import { afterEach, describe, expect, it, vi } from "vitest"
import { turnsDuring } from "../../../test/turnsDuring.ts"
import { cut, readAll } from "./read.ts"

afterEach(() => {
  vi.restoreAllMocks()
})

const size = 2_000_000
const row = Buffer.from("ava@acme.com\n")

const lists = {
  "blank lines": Buffer.concat([Buffer.from("email\n"), Buffer.alloc(size, "\n"), row]),
  "blank cells": Buffer.concat([Buffer.from("email,plan\n"), Buffer.alloc(size, ",\n"), row]),
  "blank lines of JSON": Buffer.concat([Buffer.from('{"email":"ava@acme.com"}\n'), Buffer.alloc(size, "\n")])
}

describe("the event loop turns while a list is read", () => {
  for (const [name, list] of Object.entries(lists)) {
    it(`IM-2: ${name}`, async () => {
      // Each piece takes ten milliseconds.
      let now = 0
      vi.spyOn(performance, "now").mockImplementation(() => (now += 10))
      let rows = 0
      const turns = await turnsDuring(async () => {
        rows = (await readAll(cut(list))).rows.length
      })
      expect(rows).toBe(1)
      expect(turns).toBeGreaterThan(size / 20_000)
    })
  }
})
