/** Runs a command line, and gives its exit code. What fails is told in a sentence; a bug with its trace. */
import { CommanderError } from "commander"
import { exitCodes } from "./exitCodes.ts"
import { failureOf } from "./failure.ts"
import { buildProgram } from "./program.ts"
import type { Terminal } from "./Terminal.ts"

export const run = async (argv: ReadonlyArray<string>, terminal: Terminal): Promise<number> => {
  let exitCode: number = exitCodes.done
  let output = ""
  let errors = ""
  const program = buildProgram(terminal, (code) => {
    exitCode = code
  })
  const quiet = (command: typeof program): void => {
    command.exitOverride().configureOutput({
      writeOut: (text) => {
        output += text
      },
      writeErr: (text) => {
        errors += text
      }
    })
    for (const sub of command.commands) quiet(sub)
  }
  quiet(program)
  try {
    await program.parseAsync(argv, { from: "user" })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) {
      await terminal.out(output)
      await terminal.err(errors)
      return error.exitCode === 0 ? exitCodes.done : exitCodes.usage
    }
    const failure = failureOf(error)
    if (failure === undefined) {
      const trace = error instanceof Error ? (error.stack ?? error.message) : String(error)
      await terminal.err(`This is a bug in leadterra: please report it.\n${trace}\n`)
      return exitCodes.unexpected
    }
    const { message, tag } = failure
    if (argv.includes("--json")) await terminal.err(`${JSON.stringify({ error: tag, message })}\n`)
    else await terminal.err(`${terminal.style("red", "error:")} ${message}\n`)
    return failure.exitCode
  }
}
