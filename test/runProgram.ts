/** Runs one TypeScript file in Node, as a user would, in a folder of its choice. */
import { spawn } from "node:child_process"

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  /** What went to stdout and stderr, in order of arrival: what a person would have seen. */
  readonly seen: string
}

export function runProgram(args: ReadonlyArray<string>, cwd: string): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, stdio: ["ignore", "pipe", "pipe"] })
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
