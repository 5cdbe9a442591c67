/** `suppress`: who gets no mail, by address or by domain. */
import { userInfo } from "node:os"
import { InvalidSuppressionEntries, type SuppressionRecord } from "@leadterra/core"
import { entriesOf, type Given } from "../entries.ts"
import { exitCodes } from "../exitCodes.ts"
import { count, shown, table, time } from "../format.ts"
import type { ListOptions } from "../list.ts"
import { type CommonOptions, inSession, type Session } from "../session.ts"
import type { Terminal } from "../Terminal.ts"

/** Entries in one call, as many as core takes. */
const perCall = 1_000

interface Problem {
  readonly where: string
  readonly message: string
}

interface Added {
  suppressed: number
  alreadySuppressed: number
  total: number
}

/** Adds what can be added of a call's entries, and gives what cannot. */
const addSome = async (
  session: Session,
  given: ReadonlyArray<Given>,
  reason: string | undefined,
  added: Added
): Promise<ReadonlyArray<Problem>> => {
  const { engine, workspaceId } = session
  const entries = given.map(({ entry }) => entry)
  try {
    const answer = await engine.suppression.add({ workspaceId, entries, reason })
    added.suppressed += answer.suppressed
    added.alreadySuppressed += answer.alreadySuppressed
    added.total = answer.total
    return []
  } catch (error) {
    if (!(error instanceof InvalidSuppressionEntries)) throw error
    const wrong = new Map(error.issues.map(({ index, message }) => [index, message]))
    const problems = given.flatMap(({ where }, index) => {
      const message = wrong.get(index)
      return message === undefined ? [] : [{ where, message }]
    })
    const right = given.filter((_, index) => !wrong.has(index))
    return [...problems, ...(await addSome(session, right, reason, added))]
  }
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
      let batch: Array<Given> = []
      const flush = async () => {
        const readable = batch.filter(({ problem }) => problem === undefined)
        const unread = batch.flatMap(({ problem, where }) =>
          problem === undefined ? [] : [{ where, message: problem }]
        )
        const problems = [...unread, ...(await addSome(session, readable, options.reason, added))]
        failed += problems.length
        told.push(...problems.slice(0, toldProblems - told.length))
        batch = []
      }
      for await (const given of entriesOf(args, options, terminal)) {
        batch.push(given)
        if (batch.length === perCall) await flush()
      }
      await flush()
      const { alreadySuppressed, suppressed, total } = added
      const text = `${count(suppressed)} suppressed, ${count(alreadySuppressed)} already were, ${count(total)} in all\n`
      await session.answer({ ...added, failed, problems: told }, text)
      if (!session.isJson) {
        for (const { message, where } of told) await terminal.err(`${shown(where)}: ${shown(message)}\n`)
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
