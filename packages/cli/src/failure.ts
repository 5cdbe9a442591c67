/** From what a command failed with to a sentence for a person and a code for a script. */
import { ImportStopped, RepositoryError, SourceFailed } from "@leadterra/core"
import { FileError } from "@leadterra/files"
import { exitCodes } from "./exitCodes.ts"
import { typedHints, typedMessage } from "./hints.ts"

/** The command line, or a file that it names, asks for something that cannot be. */
export class UsageError extends Error {
  readonly _tag = "UsageError"
}

/** The value of `--db` names no store. */
export class CannotOpenStore extends Error {
  readonly _tag = "CannotOpenStore"
}

/** A file that was to be read. */
export class CannotRead extends Error {
  readonly _tag = "CannotRead"
  /** Options that read it. */
  readonly hints: ReadonlyArray<string>

  constructor(message: string, hints: ReadonlyArray<string> = []) {
    super(message)
    this.hints = hints
  }
}

/** A file that was to be written. */
export class CannotWrite extends Error {
  readonly _tag = "CannotWrite"
}

export interface Failure {
  readonly exitCode: number
  readonly tag: string
  readonly message: string
  /** The line of the list that caused the failure, if one did. */
  readonly line?: number | undefined
  /** Options of the command line that may help, the likeliest first. */
  readonly hints?: ReadonlyArray<string> | undefined
}

const isTagged = (error: unknown): error is Error & { readonly _tag: string } =>
  error instanceof Error && "_tag" in error && typeof error._tag === "string"

/** The code of a fault of the system or of SQLite, for a message. */
export const codeIn = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "unknown reason"

/** Of a file or a folder: ENOENT, EISDIR, ENOSPC and the like. */
const isSystemError = (error: unknown): error is Error & { readonly code: string } =>
  error instanceof Error && "syscall" in error && "code" in error && typeof error.code === "string"

/** Undefined for what is a bug. */
export const failureOf = (error: unknown): Failure | undefined => {
  if (error instanceof ImportStopped) return failureOf(error.reason)
  if (error instanceof SourceFailed) return failureOf(error.cause)
  if (isSystemError(error)) return { exitCode: exitCodes.file, tag: error.code, message: error.message }
  if (!isTagged(error)) return undefined
  const { _tag: tag, message } = error
  if (error instanceof FileError) {
    const line = error.line ?? undefined
    return { exitCode: codeOf(error), tag, message: typedMessage(error), line, hints: typedHints(error) }
  }
  const hints = error instanceof CannotRead && error.hints.length > 0 ? error.hints : undefined
  return { exitCode: codeOf(error), tag, message: commandMessages[tag] ?? message, hints }
}

/** Messages of core that name a function of it, as messages that name a command. */
const commandMessages: Readonly<Record<string, string>> = {
  NoLeadsEnrolled: "The campaign has no leads: enrol at least one by leadterra leads import before the start",
  NoSequenceSteps: "The campaign has no steps: add at least one by leadterra campaign steps before the start"
}

const codeOf = (error: Error & { readonly _tag: string }): number => {
  if (error instanceof RepositoryError || error instanceof CannotOpenStore) return exitCodes.store
  if (error._tag === "ServerStoreError") return exitCodes.store
  if (error._tag === "SpoolError") return exitCodes.file
  if (error instanceof FileError) return error.reason === "BadOption" ? exitCodes.usage : exitCodes.file
  if (error instanceof CannotRead || error instanceof CannotWrite) return exitCodes.file
  if (error instanceof UsageError || error._tag === "InvalidRequest") return exitCodes.usage
  return exitCodes.refused
}
