/** The lines that the MCP server takes for messages. */
import { expect, it } from "vitest"
import { readMessages } from "../src/mcp/readMessages.ts"

const faultOf = async (message: unknown) => {
  const lines = async function* () {
    yield new TextEncoder().encode(`${JSON.stringify(message)}\n`)
  }
  for await (const read of readMessages(lines())) return "fault" in read ? read.fault : undefined
  return expect.unreachable()
}

const ping = { jsonrpc: "2.0", id: 1, method: "ping" }

const messages = [
  ping,
  { ...ping, id: "a", params: {} },
  { ...ping, params: [] },
  { jsonrpc: "2.0", method: "notifications/initialized" },
  { jsonrpc: "2.0", id: 1, result: {} },
  { jsonrpc: "2.0", id: null, error: { code: -32700, message: "x" } },
  [ping, { ...ping, id: 2 }]
]

it.each(messages.map((message) => [message]))("%j is a message of JSON-RPC 2.0", async (message) => {
  expect(await faultOf(message)).toBeUndefined()
})

const others = [
  null,
  1,
  "x",
  true,
  {},
  [],
  [ping, 1],
  { ...ping, jsonrpc: "1.0" },
  { id: 1, method: "ping" },
  { ...ping, id: {} },
  { ...ping, id: [1] },
  { ...ping, id: true },
  { ...ping, id: null },
  { ...ping, method: 7 },
  { ...ping, params: 7 },
  { ...ping, params: null },
  { jsonrpc: "2.0", id: {}, result: {} },
  { jsonrpc: "2.0", result: {} }
]

it.each(others.map((message) => [message]))("%j is none", async (message) => {
  expect(await faultOf(message)).toBe("Invalid")
})
