/** Runs programs as a user would, with those of `node_modules/.bin` first on the path. */
import { spawn } from "node:child_process"
import { delimiter, join } from "node:path"

const bin = join(import.meta.dirname, "..", "node_modules", ".bin")

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  /** What went to stdout and stderr, in order of arrival: what a person would have seen. */
  readonly seen: string
}

/** Runs a program to its end, however that is. `env` is added to this process's own. */
export function runToEnd(
  [program = "", ...args]: ReadonlyArray<string>,
  cwd: string,
  env: Readonly<Record<string, string>> = {}
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const PATH = [bin, process.env["PATH"]].join(delimiter)
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env, PATH },
      stdio: ["ignore", "pipe", "pipe"]
    })
    let stdout = ""
    let seen = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text
      seen += text
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      seen += text
    })
    child.on("error", reject)
    child.on("close", (code) => resolve({ code, stdout, seen }))
  })
}

/** Runs a program that must end well, and gives what it printed; rejects with all of it otherwise. */
export async function run(command: ReadonlyArray<string>, cwd: string): Promise<string> {
  const { code, seen, stdout } = await runToEnd(command, cwd)
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}:\n${seen}`)
  return stdout
}
