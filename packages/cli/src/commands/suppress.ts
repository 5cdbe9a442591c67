/** `suppress`: who gets no mail, by address or by domain. */
import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { InvalidSuppressionEntries, type SuppressionRecord } from "@leadterra/core"
import { openLeads } from "@leadterra/files"
import { exitCodes } from "../exitCodes.ts"
import { UsageError } from "../failure.ts"
import { count, shown, table, time } from "../format.ts"
import { type CommonOptions, inSession, type Session } from "../session.ts"
import type { Terminal } from "../Terminal.ts"

/** An entry as it was given, and where. */
interface Given {
  readonly entry: string
  readonly where: string
}

/** Entries in one call, as many as core takes. */
const perCall = 1_000

/** What has an @ is an entry, anything else a file: a list of leads, or text with an entry a line. */
async function* entriesOf(args: ReadonlyArray<string>): AsyncGenerator<Given> {
  for (const arg of args) {
    if (arg.includes("@")) yield { entry: arg, where: arg }
    else if (!existsSync(arg)) {
      throw new UsageError(
        `${JSON.stringify(arg)} is neither an address, nor a domain such as @acme.com, nor a file`
      )
    } else if (/\.(csv|tsv|tab|ndjson|jsonl|json)(\.gz)?$/i.test(arg)) {
      for await (const { line, row } of await openLeads(arg)) {
        const email: unknown = typeof row === "object" && row !== null ? Reflect.get(row, "email") : undefined
        yield { entry: typeof email === "string" ? email : "", where: `${arg}, line ${line}` }
      }
    } else {
      const lines = (await readFile(arg, "utf8")).replace(/^\ufeff/, "").split(/\r\n|\n|\r/)
      for (const [index, line] of lines.entries()) {
        if (line.trim() !== "") yield { entry: line.trim(), where: `${arg}, line ${index + 1}` }
      }
    }
  }
}

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

export const add = (
  args: ReadonlyArray<string>,
  options: CommonOptions & { readonly reason?: string | undefined },
  terminal: Terminal
): Promise<number> =>
  inSession(
    options,
    terminal,
    async (session) => {
      const added: Added = { suppressed: 0, alreadySuppressed: 0, total: 0 }
      const problems: Array<Problem> = []
      let batch: Array<Given> = []
      const flush = async () => {
        problems.push(...(await addSome(session, batch, options.reason, added)))
        batch = []
      }
      for await (const given of entriesOf(args)) {
        batch.push(given)
        if (batch.length === perCall) await flush()
      }
      await flush()
      const { alreadySuppressed, suppressed, total } = added
      const text = `${count(suppressed)} suppressed, ${count(alreadySuppressed)} already were, ${count(total)} in all\n`
      await session.answer({ ...added, problems }, text)
      for (const { message, where } of session.isJson ? [] : problems) {
        await terminal.err(`${shown(where)}: ${message}\n`)
      }
      return problems.length === 0 ? exitCodes.done : exitCodes.failedRows
    },
    { creates: true }
  )

export const remove = (
  entries: ReadonlyArray<string>,
  options: CommonOptions,
  terminal: Terminal
): Promise<void> =>
  inSession(options, terminal, async ({ answer, engine, workspaceId }) => {
    const removed = await engine.suppression.remove({ workspaceId, entries })
    await answer(removed, `${count(removed.removed)} removed, ${count(removed.total)} left\n`)
  })

export const list = (options: CommonOptions, terminal: Terminal): Promise<void> =>
  inSession(options, terminal, async ({ engine, isJson, workspaceId }) => {
    let after: string | null = null
    do {
      const page: { readonly items: ReadonlyArray<SuppressionRecord>; readonly next: string | null } =
        await engine.suppression.list({ workspaceId, after, limit: 1_000 })
      // A list may be long: as JSON it is an object a line.
      const text = isJson
        ? page.items.map((item) => `${JSON.stringify(item)}\n`).join("")
        : table(
            page.items.map(({ entry, reason, suppressedAt }) => [entry, time(suppressedAt), shown(reason)])
          )
      await terminal.out(text)
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
