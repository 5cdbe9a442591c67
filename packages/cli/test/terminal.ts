/** A terminal that remembers what it was shown, and command lines run in this process. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { onTestFinished } from "vitest"
import { run } from "../src/run.ts"
import { dataTo, type Terminal } from "../src/Terminal.ts"

export interface Ran {
  readonly exitCode: number
  readonly out: string
  readonly err: string
}

export interface Given {
  readonly isInteractive?: boolean
  /** Whether a person reads the results on a terminal; by default a file or a pipe takes them. */
  readonly isOnTerminal?: boolean
  readonly columns?: number
  /** Called with each text of the answer, which waits for it. */
  readonly onOut?: (text: string) => Promise<void>
  readonly stdin?: AsyncIterable<Uint8Array>
  /** Stops the command as Ctrl-C would. */
  readonly interrupt?: AbortSignal
}

const nothing: AsyncIterable<Uint8Array> = {
  async *[Symbol.asyncIterator]() {}
}

/** Runs a command line, on the files of a folder. */
export const runOn =
  (folder: string) =>
  async (argv: ReadonlyArray<string>, given: Given = {}): Promise<Ran> => {
    let out = ""
    let err = ""
    const write = async (text: string) => {
      await given.onOut?.(text)
      out += text
    }
    const terminal: Terminal = {
      out: write,
      data: dataTo(write, given.isOnTerminal ?? false),
      err: async (text) => {
        err += text
      },
      isInteractive: given.isInteractive ?? false,
      isOutTerminal: given.isOnTerminal ?? false,
      columns: given.columns ?? 80,
      style: (_, text) => text,
      stdin: given.stdin ?? nothing,
      input: undefined,
      onInterrupt: (listener) => {
        given.interrupt?.addEventListener("abort", listener)
        return () => given.interrupt?.removeEventListener("abort", listener)
      }
    }
    const inFolder = argv.map((arg) =>
      existsSync(join(folder, arg)) && arg !== "" ? join(folder, arg) : arg
    )
    const exitCode = await run(["--db", join(folder, "leads.db"), ...inFolder], terminal)
    return { exitCode, out, err }
  }

/** An empty folder that goes with the test, a way to put files there, and to run commands on them. */
export const scene = () => {
  const folder = mkdtempSync(join(tmpdir(), "leadterra-cli-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const command = runOn(folder)
  return {
    folder,
    command,
    put: (name: string, content: string | Uint8Array): string => {
      writeFileSync(join(folder, name), content)
      return join(folder, name)
    },
    /** Makes a campaign, and gives its id. */
    campaign: async (
      steps: ReadonlyArray<object> = [{ subject: "Hi {{firstName}}", bodyHtml: "<p>{{plan}}</p>" }]
    ) => {
      writeFileSync(join(folder, "steps.json"), JSON.stringify(steps))
      const { out } = await command(["campaign", "create", "Spring", "--steps", "steps.json"])
      return out.trim()
    }
  }
}
