/** `suppress`: who gets no mail, by address or by domain. */
import { userInfo } from "node:os"
import type { SuppressionRecord } from "@leadterra/core"
import { entriesOf, type ReadList } from "../entries.ts"
import { exitCodes } from "../exitCodes.ts"
import { count, shown, table, time } from "../format.ts"
import { problemOf } from "../importReport.ts"
import type { ListOptions } from "../list.ts"
import { type CommonOptions, inSession, type Session } from "../session.ts"
import type { Terminal } from "../Terminal.ts"
import type { Given } from "../textEntries.ts"

/** Entries in one call, as many as core takes. */
const perCall = 1_000

interface Problem {
  readonly where: string
  readonly message: string
  /** The entry that was probably meant. */
  readonly suggestion?: string | undefined
}

interface Added {
  suppressed: number
  alreadySuppressed: number
  total: number
}

/** Adds the valid entries of a call, and returns the problems of the others, by entry. */
const addSome = async (
  { engine, workspaceId }: Session,
  given: ReadonlyArray<Given>,
  reason: string | undefined,
  added: Added
): Promise<ReadonlyMap<Given | undefined, Problem>> => {
  const entries = given.map(({ entry }) => entry)
  const answer = await engine.suppression.add({ workspaceId, entries, reason, onInvalid: "report" })
  added.suppressed += answer.suppressed
  added.alreadySuppressed += answer.alreadySuppressed
  added.total = answer.total
  return new Map(
    (answer.invalid ?? []).map(({ index, message, suggestion }) => [
      given[index],
      { where: given[index]?.where ?? `entry ${index + 1}`, message, suggestion }
    ])
  )
}

/** Tells which column of a list was read, and which others hold addresses as well. */
const listText = ({ column, file, leftOut }: ReadList): string => {
  const read = column === null ? "email" : `column "${column}"`
  const others = leftOut.map(
    ({ advice, column, option }) => `"${column}" (${option === null ? advice : `${option} reads it instead`})`
  )
  const more = others.length === 0 ? "" : `; left out, with addresses too: ${others.join(", ")}`
  return column === null && others.length === 0
    ? ""
    : `${shown(`${file === "-" ? "standard input" : file}: read ${read}${more}`)}\n`
}

interface AddOptions extends CommonOptions, ListOptions {
  readonly reason?: string | undefined
}

/** Problems that are told of; of the others there is a count. */
const toldProblems = 20

export const add = (args: ReadonlyArray<string>, options: AddOptions, terminal: Terminal): Promise<number> =>
  inSession(
    options,
    terminal,
    async (session) => {
      const added: Added = { suppressed: 0, alreadySuppressed: 0, total: 0 }
      const told: Array<Problem> = []
      let failed = 0
      const lists: Array<ReadList> = []
      let batch: Array<Given> = []
      const flush = async () => {
        const readable = batch.filter(({ problem }) => problem === undefined)
        const refused = await addSome(session, readable, options.reason, added)
        const problems = batch.flatMap((given): ReadonlyArray<Problem> => {
          if (given.problem !== undefined) return [{ where: given.where, message: given.problem }]
          const problem = refused.get(given)
          return problem === undefined ? [] : [problem]
        })
        failed += problems.length
        told.push(...problems.slice(0, toldProblems - told.length))
        batch = []
      }
      for await (const given of entriesOf(args, options, terminal, (read) => lists.push(read))) {
        batch.push(given)
        if (batch.length === perCall) await flush()
      }
      await flush()
      const { alreadySuppressed, suppressed, total } = added
      const text = `${count(suppressed)} suppressed, ${count(alreadySuppressed)} already were, ${count(total)} in all\n`
      await session.answer({ ...added, failed, problems: told, lists }, text + lists.map(listText).join(""))
      if (!session.isJson) {
        for (const problem of told) await terminal.err(`${shown(problem.where)}: ${problemOf(problem)}\n`)
        if (failed > told.length) await terminal.err(`and ${count(failed - told.length)} more\n`)
      }
      return failed === 0 ? exitCodes.done : exitCodes.failedRows
    },
    { creates: true }
  )

/** The name of the system's user; a user without a name goes by a number. */
const systemUser = (): string => {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? "unknown"}`
  }
}

interface RemoveOptions extends CommonOptions {
  readonly actor?: string | undefined
}

export const remove = (
  entries: ReadonlyArray<string>,
  { actor = systemUser(), ...options }: RemoveOptions,
  terminal: Terminal
): Promise<void> =>
  inSession(options, terminal, async ({ answer, engine, workspaceId }) => {
    const removed = await engine.suppression.remove({ workspaceId, entries, actor })
    await answer(removed, `${count(removed.removed)} removed, ${count(removed.total)} left\n`)
  })

export const list = (options: CommonOptions, terminal: Terminal): Promise<void> =>
  inSession(options, terminal, async ({ engine, isJson, workspaceId }) => {
    let after: string | null = null
    do {
      const page: { readonly items: ReadonlyArray<SuppressionRecord>; readonly next: string | null } =
        await engine.suppression.list({ workspaceId, after, limit: 1_000 })
      // A list may be long: as JSON it is an object a line.
      if (isJson) await terminal.data(page.items.map((item) => `${JSON.stringify(item)}\n`).join(""))
      else {
        const rows = page.items.map(({ entry, reason, suppressedAt }) => [
          shown(entry),
          time(suppressedAt),
          shown(reason)
        ])
        await terminal.out(table(rows))
      }
      after = page.next
    } while (after !== null)
  })

export const check = (
  emails: ReadonlyArray<string>,
  options: CommonOptions,
  terminal: Terminal
): Promise<void> =>
  inSession(options, terminal, async ({ answer, engine, workspaceId }) => {
    const found = await engine.suppression.check({ workspaceId, emails })
    const rows = found.map(({ email, suppressed, suppression }) => [
      shown(email),
      suppressed ? "suppressed" : "free",
      suppression === null ? "" : shown(suppression.reason)
    ])
    await answer(found, table(rows))
  })
