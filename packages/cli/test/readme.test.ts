/** Every command of the README works, one after the other, on files as it speaks of. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { isAbsolute, join } from "node:path"
import { expect, it, onTestFinished } from "vitest"
import { runToEnd } from "../../../scripts/run.ts"
import { blocksOf } from "../../../test/markdown.ts"
import { main } from "./process.ts"

const readme = readFileSync(join(import.meta.dirname, "..", "README.md"), "utf8")
const commands = blocksOf(readme)
  .filter(({ info }) => info === "sh")
  .flatMap(({ code }) => code.trim().split("\n"))

it("has commands that work", async () => {
  const folder = mkdtempSync(join(tmpdir(), "leadterra-readme-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const put = (name: string, text: string) => writeFileSync(join(folder, name), text)
  put("steps.json", JSON.stringify([{ subject: "Hi {{firstName}}", bodyHtml: "<p>{{company}}</p>" }]))
  put("list.csv", "Email,First Name\nava@acmecorp.com,Ava\n")
  put("crm.csv", "Work Mail,Internal Notes\nbo@acmecorp.com,shy\n")
  put("leads.ndjson", '{"email":"cy@acmecorp.com"}\n')
  put("unsubscribed.csv", "Email\ndi@acmecorp.com\n")
  expect(commands.length).toBeGreaterThan(12)
  let id = ""
  for (const command of commands) {
    const line = command.replace(/^leadterra/, `'${process.execPath}' '${main}'`).replaceAll(/\bID\b/g, id)
    const { code, seen, stdout } = await runToEnd(["sh", "-c", line], folder)
    const unannounced = seen.replace(/^This (?:live|test) key of .*\n/m, "")
    expect([code, unannounced], command).toEqual([0, stdout])
    if (command.includes("campaign create")) id = stdout.trim()
  }
})

it("starts the MCP server in any folder, in a workspace that it names", () => {
  const [settings] = blocksOf(readme).filter(({ code }) => code.includes("mcpServers"))
  const { mcpServers } = JSON.parse(settings?.code ?? "")
  const { args }: { args: ReadonlyArray<string> } = mcpServers.leadterra
  expect(args).toEqual(["mcp", "--db", expect.any(String), "--workspace", "acme"])
  expect(isAbsolute(args[2] ?? "")).toBe(true)
})
