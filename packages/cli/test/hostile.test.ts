/**
 * FAULTS 53: names that would clear a screen, rename a window or turn a line around, through every
 * command.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Readable } from "node:stream"
import type { Command } from "commander"
import { expect, it } from "vitest"
import { shown } from "../src/format.ts"
import { buildProgram } from "../src/program.ts"
import { dataTo } from "../src/Terminal.ts"
import { type Ran, scene } from "./terminal.ts"

/**
 * Escape sequences of both widths, a bell, a carriage return, bidi controls and an invisible
 * character.
 */
const hostile = "\u001b[2J\u001b]0;x\u0007\u009b31m\r\b\u202eevil\u2066\u200b"
/** The part of it that a campaign's name may hold: one line without control characters. */
const reversed = "\u202eevil\u2066\u200b"

/** The characters that may not reach a terminal; line ends are the command's own. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the class names them
const raw = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]/

const pathsOf = (command: Command, path: ReadonlyArray<string> = []): ReadonlyArray<string> =>
  command.commands.length === 0
    ? [path.join(" ")]
    : command.commands.flatMap((sub) => pathsOf(sub, [...path, sub.name()]))

/** Messages of the Model Context Protocol. */
const message = (method: string, params: object, id?: number) =>
  JSON.stringify({ jsonrpc: "2.0", method, params, id })
const clientInfo = { name: "test", version: "1" }
const beginning = [
  message("initialize", { protocolVersion: "2025-11-25", capabilities: {}, clientInfo }, 1),
  message("notifications/initialized", {})
]
const call = (name: string) => message("tools/call", { name, arguments: {} }, 2)

it("shows no character of a name raw on a terminal, whatever the command", async () => {
  const { command, folder, put } = scene()
  const ran = new Set<string>()
  const seen: Array<string> = []
  const on = (path: string, ...rest: ReadonlyArray<string>): Promise<Ran> => onInput([], path, ...rest)
  const onInput = async (
    input: ReadonlyArray<string>,
    path: string,
    ...rest: ReadonlyArray<string>
  ): Promise<Ran> => {
    ran.add(path)
    const argv = [...path.split(" "), ...rest]
    const stdin = Readable.from(input.map((line) => Buffer.from(`${line}\n`)))
    const answer = await command(argv, { isOnTerminal: true, stdin })
    for (const [what, text] of Object.entries({ out: answer.out, err: answer.err })) {
      expect(raw.exec(text), `${argv.join(" ")} wrote to ${what}: ${JSON.stringify(text)}`).toBeNull()
    }
    expect(answer.err).not.toContain("This is a bug")
    seen.push(answer.out, answer.err)
    return answer
  }
  const name = `x${hostile.replaceAll("/", "")}`
  const steps = [{ subject: `{{#${reversed}}}`, bodyHtml: `<p title={{x}}>{{${hostile} ? }} {{plan}}</p>` }]
  put(`${name}.json`, JSON.stringify(steps))
  const lead = {
    ...{ email: "ava@acme.com", firstName: hostile, company: `${hostile};=x`, [hostile]: hostile },
    customFields: { [`k${hostile}`]: hostile }
  }
  const broken = { email: `nobody${hostile}`, [hostile]: [1] }
  put(`${name}.ndjson`, `${JSON.stringify(lead)}\n${JSON.stringify(broken)}\n`)
  put(`${name}.csv`, `email,${hostile.replace("\r", "")}\nbo@acme.com,${hostile}\n"nobody${hostile}",x\n`)
  put("same.csv", `email,${name},${name}\nbo@acme.com,1,2\n`)

  const { err, out } = await on("campaign create", `a${reversed}`, "--steps", `${name}.json`, "--json")
  expect(err).toBe("")
  const id: string = JSON.parse(out).id
  await on("campaign create", hostile)
  await on("campaign create", `b${reversed}`, "--steps", `${name}.json`)
  await on("campaign list")
  await on("campaign show", id)
  await on("campaign show", hostile)
  await on("campaign steps", id, `${name}.json`)
  await on("campaign rename", id, `c${reversed}`)
  await on("campaign rename", id, hostile)
  await on("campaign rename", hostile, "d")
  for (const list of [`${name}.ndjson`, `${name}.csv`, "same.csv", `missing${name}.csv`]) {
    await on("leads coverage", list, "-c", id)
    await on("leads import", list, "-c", id, "--dry-run")
    await on("leads import", list, "-c", id)
    await on("leads import", list, "-c", id, "--json")
    await on("leads import", list, "-c", id, "--map", `${hostile}=email`)
  }
  await on("leads import", `${name}.csv`, "-c", id, "--failed", join(folder, `${name}.failed.csv`))
  await on("campaign start", id)
  await on("leads show", "ava@acme.com")
  await on("leads show", hostile)
  await on("leads explain", "ava@acme.com", "-c", id)
  await on("leads export", "-c", id)
  await on("leads export", "-c", id, "--format", "ndjson")
  await on("leads export", "-c", id, "--json")
  await on("leads export", "-c", id, "-o", join(folder, `${name}-out.csv`))
  await on("leads export", "-c", id, "-o", join(folder, `${name}.xlsx`))
  await on("preview", "-c", id, "-e", "ava@acme.com")
  await on("suppress add", "@acme.com", `nobody${hostile}@acme.com`, `${name}.csv`, "--reason", hostile)
  await on("suppress add", `missing${name}`)
  await on("leads import", `${name}.ndjson`, "-c", (await on("campaign create", "c")).out.trim())
  await on("leads explain", "cy@acme.com", "-c", id)
  await on("suppress list")
  await on("suppress list", "--json")
  await on("suppress check", "ava@acme.com", `nobody${hostile}`)
  await on("suppress remove", "@acme.com")
  await on("suppress remove", hostile)
  await on("campaign pause", id)
  await on("stats", id)
  await on("keys create")
  await on("keys create", "--workspace", hostile)
  await on("keys list")
  await on("keys revoke", hostile)
  await on("keys rotate-unsubscribe")
  await on("keys rotate-unsubscribe", "--workspace", hostile)
  await on("serve", "--host", hostile)
  const { out: answers } = await onInput([...beginning, call("campaigns_list"), hostile], "mcp")
  expect(answers).toContain(id)
  await on("completions", "bash")
  await on("completions", hostile)

  const all = pathsOf(buildProgram({} as never, () => {}))
  expect([...ran].toSorted()).toEqual(all.toSorted())
  expect(seen.filter((text) => text.includes("\\u001b[2J")).length).toBeGreaterThan(15)
  expect(seen.filter((text) => text.includes("\\u202eevil")).length).toBeGreaterThan(20)
  expect(readFileSync(join(folder, `${name}-out.csv`), "utf8")).toContain(hostile)
})

it("gives data as it is to a file or a pipe, and JSON on a terminal that means the same", async () => {
  const { campaign, command, put } = scene()
  const id = await campaign()
  put("list.ndjson", JSON.stringify({ email: "ava@acme.com", firstName: hostile }))
  await command(["leads", "import", "list.ndjson", "-c", id])
  expect((await command(["leads", "export", "-c", id])).out).toContain(hostile)
  const piped = await command(["leads", "show", "ava@acme.com", "--json"])
  const onTerminal = await command(["leads", "show", "ava@acme.com", "--json"], { isOnTerminal: true })
  expect(onTerminal.out).not.toBe(piped.out)
  expect(JSON.parse(onTerminal.out)).toEqual(JSON.parse(piped.out))
})

it("keeps the lines of data on a terminal, and everything else of it visible", async () => {
  let written = ""
  const data = dataTo(async (text) => {
    written += text
  }, true)
  await data("a,b\r\nc\td\n\u001b[1m\n")
  expect(written).toBe("a,b\nc\\u0009d\n\\u001b[1m\n")
  for (const code of [0x3164, 0x34f, 0xfe0f, 0xe0041, 0x200d, 0x180e, 0xfff9, 0x115f, 0x2800, 0xd800]) {
    const character = String.fromCodePoint(code)
    const seen = shown(`a${character}b`)
    expect(seen).toMatch(/^a(\\u[\da-f]{4})+b$/)
    expect(JSON.parse(`"${seen}"`)).toBe(`a${character}b`)
  }
  expect(shown("עברית، Ünïcode 用户 👩‍💻")).toBe("עברית، Ünïcode 用户 👩‍💻")
})
