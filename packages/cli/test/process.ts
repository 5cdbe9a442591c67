/** The command as a process: bundled as it is published, on files of a folder, killed or told to stop when a test says so. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, onTestFinished } from "vitest"
import { bundle } from "../../../scripts/bundle.ts"

const root = join(import.meta.dirname, "..", "..", "..")
const bundled = mkdtempSync(join(import.meta.dirname, "..", ".tmp-bundle-"))
export const main = join(bundled, "main.js")
/**
 * Loaded before the command: tells on descriptor 3, at the end, the most memory that the process had, in kilobytes. Where Linux
 * says so it is asked, since `maxRSS` there is no less than what the parent had when it started the process.
 */
const peak = `data:text/javascript,${encodeURIComponent(`
  import { existsSync, readFileSync, writeSync } from "node:fs"
  process.on("exit", () => {
    const status = existsSync("/proc/self/status") ? readFileSync("/proc/self/status", "utf8") : ""
    writeSync(3, /VmHWM:\\s*(\\d+)/.exec(status)?.[1] ?? String(process.resourceUsage().maxRSS))
  })`)}`

beforeAll(() => bundle(root, bundled))
afterAll(() => rmSync(bundled, { recursive: true, force: true }))

export interface Ended {
  readonly exitCode: number | null
  readonly out: string
  readonly err: string
  /** The most memory that the process had, in bytes; null when it was killed. */
  readonly peak: number | null
}

/** Starts a command line in a folder. */
export const starting = (
  folder: string,
  argv: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {}
) => {
  const child = spawn(process.execPath, ["--import", peak, main, ...argv], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "pipe", "pipe"]
  })
  let out = ""
  let err = ""
  let memory = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text
  })
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text
  })
  child.stdio[3]?.on("data", (text: Buffer) => {
    memory += text
  })
  const ended = once(child, "close").then(
    ([exitCode]): Ended => ({ exitCode, out, err, peak: memory === "" ? null : Number(memory) * 1_024 })
  )
  return { child, ended }
}

/** Starts `serve` on a free port, and waits until it listens. The end of the test kills it. */
export const serving = async (
  folder: string,
  argv: ReadonlyArray<string> = [],
  env: Readonly<Record<string, string>> = {}
) => {
  const { child, ended } = starting(folder, ["serve", "--port", "0", ...argv], env)
  onTestFinished(async () => {
    child.kill("SIGKILL")
    await ended
  })
  let out = ""
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (text: string) => {
      out += text
      const [, url] = /Listening on (\S+)\n/.exec(out) ?? []
      if (url !== undefined) resolve(url)
    })
    void ended.then(({ err }) => reject(new Error(err)))
  })
  return { child, ended, url, port: Number(new URL(url).port) }
}

/** Runs a command line to its end. */
export const running = (folder: string, argv: ReadonlyArray<string>): Promise<Ended> => {
  const { child, ended } = starting(folder, argv)
  child.stdin.end()
  return ended
}
