/** Bodies that come too slowly, break off, or are left. */
import { describe, expect, it } from "vitest"
import { readUpload } from "../src/imports/readUpload.ts"
import { readBody } from "../src/readBody.ts"

const chunk = new Uint8Array(3)

/** A body of some chunks that then ends, fails, or says nothing more. */
const bodyOf = (chunks: number, end: "ends" | "fails" | "waits") => {
  let canceled = 0
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      if (chunks-- > 0) controller.enqueue(chunk)
      else if (end === "ends") controller.close()
      else if (end === "fails") controller.error(new Error("reset"))
      else await new Promise(() => {})
    },
    cancel: () => {
      canceled++
      return new Promise(() => {})
    }
  })
  return { body, canceled: () => canceled }
}

/** A body that drips without an end. */
const dripping = (): ReadableStream<Uint8Array> => {
  let isLeft = false
  return new ReadableStream({
    pull: async (controller) => {
      await new Promise((resolve) => void setTimeout(resolve, 1))
      if (!isLeft) controller.enqueue(chunk)
    },
    cancel: () => {
      isLeft = true
    }
  })
}

const read = async (
  body: ReadableStream<Uint8Array> | null,
  times: { idleMillis: number; totalMillis: number }
) => {
  let bytes = 0
  try {
    for await (const { length } of readUpload(body, times)) bytes += length
    return bytes
  } catch (error) {
    return error
  }
}

const long = { idleMillis: 60_000, totalMillis: 60_000 }

describe("an upload", () => {
  it("is read to its end, and nothing without a body", async () => {
    expect(await read(bodyOf(4, "ends").body, long)).toBe(12)
    expect(await read(null, long)).toBe(0)
  })

  it("that breaks off says so", async () => {
    expect(await read(bodyOf(4, "fails").body, long)).toMatchObject({ reason: "Broken" })
  })

  it("that sends nothing for a while ends, also when its source does not", async () => {
    const { body, canceled } = bodyOf(4, "waits")
    expect(await read(body, { ...long, idleMillis: 20 })).toMatchObject({ reason: "TooSlow" })
    expect(canceled()).toBe(1)
  })

  it("that drips without an end ends", async () => {
    expect(await read(dripping(), { idleMillis: 60_000, totalMillis: 50 })).toMatchObject({
      reason: "TooSlow"
    })
  })

  it("that is left cancels its source", async () => {
    const { body, canceled } = bodyOf(4, "ends")
    for await (const _ of readUpload(body, long)) break
    expect(canceled()).toBe(1)
  })
})

describe("a body that is read whole", () => {
  it("ends when it drips for too long", async () => {
    const init = { method: "POST", body: dripping(), duplex: "half" } as RequestInit
    const body = readBody(new Request("http://localhost/", init), {
      limit: 1e6,
      take: () => true,
      millis: 50
    })
    expect(await body).toEqual({ fault: "TooSlow" })
  })
})
