/** Runs a command line, and gives its exit code. What fails is told in a sentence; a bug with its trace. */
import { CommanderError } from "commander"
import { exitCodes } from "./exitCodes.ts"
import { CannotWrite, type Failure, failureOf } from "./failure.ts"
import { shown, shownLines, wrapped } from "./format.ts"
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

/** The exit code where an error cannot be told: its reader has gone, or its file takes no more. */
const quietly = (error: unknown): number => {
  if (error instanceof ReaderGone) return exitCodes.done
  if (error instanceof CannotWrite) return exitCodes.file
  throw error
}

/** A message as a person reads it: in lines that break between words where a terminal is known. */
const linesOf = (message: string, { columns, isInteractive }: Terminal): string => {
  const lines = message.split("\n").map(shown)
  return lines.flatMap((line) => (isInteractive ? wrapped(line.split(" "), columns) : line)).join("\n")
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
  const sayError = ({ tag, ...rest }: Omit<Failure, "exitCode">, text: string) =>
    terminal.err(isJson ? shownLines(`${JSON.stringify({ error: tag, ...rest })}\n`) : text)
  if (error instanceof ReaderGone) return exitCodes.done
  if (error instanceof CommanderError) {
    await terminal.out(output)
    if (error.exitCode === 0) return exitCodes.done
    const [first = ""] = errors.split("\n")
    await sayError({ tag: "UsageError", message: first.replace(/^error: /, "") }, shownLines(errors))
    return exitCodes.usage
  }
  const failure = failureOf(error)
  if (failure === undefined) {
    const trace = error instanceof Error ? (error.stack ?? error.message) : String(error)
    await terminal.err(`This is a bug in leadterra: please report it.\n${shownLines(trace)}\n`)
    return exitCodes.unexpected
  }
  const { exitCode, ...rest } = failure
  const { hints = [], message } = rest
  const tries = hints.map((hint, index) => `${index === 0 ? "  try" : "   or"}  ${shown(hint)}\n`)
  const text = linesOf(`error: ${message}`, terminal).replace("error:", terminal.style("red", "error:"))
  await sayError(rest, `${text}\n${tries.join("")}`)
  return exitCode
}
