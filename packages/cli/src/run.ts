/** Runs a command line, and gives its exit code. What fails is told in a sentence; a bug with its trace. */
import { CommanderError } from "commander"
import { exitCodes } from "./exitCodes.ts"
import { failureOf } from "./failure.ts"
import { shownLines } from "./format.ts"
import { buildProgram } from "./program.ts"
import { ReaderGone, type Terminal } from "./Terminal.ts"

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
    return await tell(error, { isJson: argv.includes("--json"), output, errors }, terminal).catch(quietly)
  }
}

/** Who has gone needs no answer. */
const quietly = (error: unknown): number => {
  if (error instanceof ReaderGone) return exitCodes.done
  throw error
}

interface Told {
  readonly isJson: boolean
  /** What the parser of the command line has said. */
  readonly output: string
  readonly errors: string
}

const tell = async (
  error: unknown,
  { errors, isJson, output }: Told,
  terminal: Terminal
): Promise<number> => {
  const sayError = (tag: string, message: string, text: string) =>
    terminal.err(isJson ? shownLines(`${JSON.stringify({ error: tag, message })}\n`) : text)
  if (error instanceof ReaderGone) return exitCodes.done
  if (error instanceof CommanderError) {
    await terminal.out(output)
    if (error.exitCode === 0) return exitCodes.done
    const [first = ""] = errors.split("\n")
    await sayError("UsageError", first.replace(/^error: /, ""), shownLines(errors))
    return exitCodes.usage
  }
  const failure = failureOf(error)
  if (failure === undefined) {
    const trace = error instanceof Error ? (error.stack ?? error.message) : String(error)
    await terminal.err(`This is a bug in leadterra: please report it.\n${shownLines(trace)}\n`)
    return exitCodes.unexpected
  }
  const { exitCode, message, tag } = failure
  await sayError(tag, message, `${terminal.style("red", "error:")} ${shownLines(message)}\n`)
  return exitCode
}
