/**
 * The calls of docs/guide.md, read out of the page and run from top to bottom by curl against
 * `leadterra serve`: only the host, the key and the ids are put in. The members that the page shows
 * are those of the answers.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { describe, expect, it, onTestFinished } from "vitest"
import { runToEnd } from "../scripts/run.ts"
import { blocksOf } from "./markdown.ts"

const root = join(import.meta.dirname, "..")
const main = join(root, "packages", "cli", "src", "main.ts")
const calls = blocksOf(readFileSync(join(root, "docs", "guide.md"), "utf8")).filter(
  ({ info }) => info === "sh"
)

/** A time as answers have it. */
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/

/** Makes a pattern for the answer from the one that the page shows: ids, secrets and times are of any value. */
const patternOf = (shown: unknown): unknown => {
  if (Array.isArray(shown)) return shown.map(patternOf)
  if (typeof shown === "object" && shown !== null)
    return expect.objectContaining(
      Object.fromEntries(Object.entries(shown).map(([name, value]) => [name, patternOf(value)]))
    )
  if (typeof shown !== "string") return shown
  if (time.test(shown)) return expect.stringMatching(time)
  return /^\w+_YOUR_(ID|SECRET)$/.test(shown)
    ? expect.stringMatching(new RegExp(`^${shown.split("_")[0]}_`))
    : shown
}

describe("docs/guide.md", () => {
  it("shows an answer for each call", () => {
    expect(calls.length).toBeGreaterThan(10)
    expect(calls.filter(({ next }) => next?.info !== "json").map(({ line }) => line)).toEqual([])
  })

  it("runs from top to bottom, and its answers are those that it shows", async () => {
    const folder = mkdtempSync(join(tmpdir(), "leadterra-guide-"))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const leadterra = [process.execPath, main, "--db", "leads.db"]
    const created = await runToEnd([...leadterra, "keys", "create", "--workspace", "ws_1", "--json"], folder)
    const { key } = JSON.parse(created.stdout)
    const createTest = ["keys", "create", "--test", "--workspace", "ws_test", "--json"]
    const { key: testKey } = JSON.parse((await runToEnd([...leadterra, ...createTest], folder)).stdout)
    const server = spawn(process.execPath, [...leadterra.slice(1), "serve", "--port", "0"], {
      cwd: folder,
      stdio: ["ignore", "pipe", "ignore"]
    })
    onTestFinished(async () => {
      server.kill()
      await once(server, "exit")
    })
    const [ready] = await once(createInterface(server.stdout), "line")
    const [origin = ""] = /http:\S+/.exec(ready) ?? []

    const live = { key, ids: new Map<string, string>() }
    const test = { key: testKey, ids: new Map<string, string>() }
    for (const { code, line, next } of calls) {
      const { ids, key } = code.includes("sk_test_") ? test : live
      const command = code
        .replaceAll("http://127.0.0.1:8787", origin)
        .replaceAll(/sk_(live|test)_YOUR_KEY/g, key)
        .replaceAll(/\b(\w+)_YOUR_ID\b/g, (text, kind) => ids.get(kind) ?? text)
      const { code: exitCode, stdout } = await runToEnd(["sh", "-c", command], folder)
      expect(exitCode, `line ${line}`).toBe(0)
      const answer: unknown = JSON.parse(stdout)
      expect(answer, `line ${line}`).toEqual(patternOf(JSON.parse(next?.code ?? "")))
      for (const [id = "", kind = ""] of stdout.matchAll(/\b(camp|imp|msg|wh)_\w+/g))
        if (!ids.has(kind)) ids.set(kind, id)
    }
  }, 60_000)
})
