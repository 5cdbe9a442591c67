/** `leads import`: a list into a campaign, with progress, failed rows in a file, and a stop between two batches. */
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Leads } from "@leadterra/core"
import { failedRowsCsv, failedRowsNdjson, type LeadFile } from "@leadterra/files"
import Database from "better-sqlite3"
import { exitCodes } from "../exitCodes.ts"
import { UsageError } from "../failure.ts"
import { count, counted, duration, table } from "../format.ts"
import { type ListOptions, openList, shareOf } from "../list.ts"
import { Progress } from "../Progress.ts"
import { type CommonOptions, inSession, type Session } from "../session.ts"
import type { Terminal } from "../Terminal.ts"
import { write } from "../write.ts"

export interface ImportOptions extends CommonOptions, ListOptions {
  readonly campaign: string
  readonly dryRun?: boolean | undefined
  readonly failed?: string | undefined
  readonly batchSize?: number | undefined
  readonly from?: number | undefined
}

/** Failed rows that are told of when no file takes them. */
const toldRows = 5

type Landed = Omit<Leads.ImportProgress, "batch">

/** Runs an import, and gives the exit code. */
export const importLeads = async (
  file: string,
  options: ImportOptions,
  terminal: Terminal
): Promise<number> => {
  if (options.from !== undefined && options.failed !== undefined && existsSync(options.failed)) {
    throw new UsageError(
      `${options.failed} may hold the failed rows of the first part: with --from name another file for --failed`
    )
  }
  const list = await openList(file, options, terminal)
  try {
    if (options.dryRun !== true) {
      return await inSession(options, terminal, (session) => run(file, list, options, session))
    }
    return await onCopy(options.db, (db) =>
      inSession({ ...options, db }, terminal, (session) => run(file, list, options, session))
    )
  } finally {
    await list.close()
  }
}

/** Works on a copy that is thrown away: nothing else tells as surely what an import would do. */
const onCopy = async (db: string, work: (copy: string) => Promise<number>): Promise<number> => {
  if (!existsSync(db)) return work(db)
  const folder = mkdtempSync(join(tmpdir(), "leadterra-dry-run-"))
  try {
    const copy = join(folder, "copy.db")
    const source = new Database(db, { readonly: true })
    try {
      source.prepare("VACUUM INTO ?").run(copy)
    } finally {
      source.close()
    }
    return await work(copy)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const run = async (
  file: string,
  list: LeadFile,
  options: ImportOptions,
  session: Session
): Promise<number> => {
  const { engine, terminal, workspaceId } = session
  const { batchSize, campaign: campaignId, from } = options
  const { name } = await engine.campaigns.get({ workspaceId, campaignId })
  const progress = new Progress(terminal)
  const stop = new AbortController()
  const forget = terminal.onInterrupt(() => {
    if (stop.signal.aborted) process.exit(exitCodes.interrupted)
    stop.abort()
  })
  let landed: Landed | undefined
  const failed: Array<Leads.FailedRow> = []
  const first: Array<Leads.FailedRow> = []
  const onProgress = ({ batch, ...rest }: Leads.ImportProgress) => {
    landed = rest
    failed.push(...(batch?.failedRows ?? []))
  }

  let failure: unknown

  /** Runs the import to its end, its stop or its failure, and gives the failed rows as their batches land. */
  async function* failedRows() {
    const rows = { workspaceId, campaignId, leads: list, batchSize, from, onProgress }
    try {
      for await (const { millis, rows: taken, rowsPerSecond } of engine.leads.importStream(rows, stop)) {
        await progress.show({ rows: taken, rowsPerSecond, millis, share: shareOf(list) })
        yield* failed.splice(0)
      }
    } catch (error) {
      if (error !== stop.signal.reason) failure = error
    }
    yield* failed.splice(0)
  }

  const { columns, format } = list
  try {
    if (options.failed === undefined) {
      for await (const row of failedRows()) if (first.length < toldRows) first.push(row)
    } else if (columns.length > 0) {
      await write(options.failed, failedRowsCsv(failedRows(), columns, format === "tsv" ? "\t" : ","))
    } else await write(options.failed, failedRowsNdjson(failedRows()))
  } catch (error) {
    failure ??= error
  }
  forget()
  await progress.clear()
  if (landed === undefined) throw failure
  const isStopped = stop.signal.aborted
  const isOver = failure === undefined && !isStopped
  const again = isOver || options.dryRun === true ? null : resume(file, options, landed.next)
  const { millis, rowsPerSecond, ...counts } = landed
  await session.answer(
    {
      file,
      campaignId,
      dryRun: options.dryRun === true,
      complete: isOver,
      ...counts,
      millis,
      rowsPerSecond,
      failedRows:
        options.failed ?? first.map(({ index, issues, line, retry }) => ({ index, line, issues, retry }))
    },
    summary({ file, name, isDry: options.dryRun === true, failedFile: options.failed }, landed, terminal)
  )
  for (const row of session.isJson ? [] : first) await terminal.err(`${lineOf(row)}\n`)
  if (!session.isJson && landed.failed > first.length && options.failed === undefined) {
    await terminal.err(
      `and ${count(landed.failed - first.length)} more: --failed FILE writes them all, to be corrected and imported\n`
    )
  }
  if (again !== null) await terminal.err(`${again}\n`)
  if (failure !== undefined) throw failure
  if (isStopped) return exitCodes.interrupted
  return landed.failed > 0 ? exitCodes.failedRows : exitCodes.done
}

const lineOf = ({ index, issues, line }: Leads.FailedRow): string => {
  const where = line === null ? `row ${index + 1}` : `line ${line}`
  return `${where}: ${issues.map(({ message, path }) => (path === "" ? message : `${path}: ${message}`)).join("; ")}`
}

const resume = (file: string, options: ImportOptions, next: number): string => {
  const command = `leadterra leads import ${file} --campaign ${options.campaign} --db ${options.db}`
  return `What is counted above has landed. Run the same command again, which ends as if it had not stopped, or go on: ${command} --from ${next}`
}

const summary = (
  {
    failedFile,
    file,
    isDry,
    name
  }: { file: string; name: string; isDry: boolean; failedFile: string | undefined },
  { enrolled, failed, millis, rows, rowsPerSecond, skipped, totalInCampaign, updated }: Landed,
  { style }: Terminal
): string => {
  const wrote = failed > 0 && failedFile !== undefined ? `  in ${failedFile}` : ""
  const lines = [
    ["enrolled", count(enrolled)],
    ["updated", count(updated)],
    ["skipped", count(skipped)],
    ["failed", count(failed)],
    ["in the campaign", count(totalInCampaign)]
  ]
  const title = `${isDry ? "Would import" : "Imported"} ${file} into ${JSON.stringify(name)}`
  const took = `${counted(rows, "row")} in ${duration(millis)}, ${count(rowsPerSecond)} rows/s`
  const text = table(lines).replace(/^(failed .*)$/m, (line) =>
    failed > 0 ? style("yellow", line) + wrote : line
  )
  return `${style("bold", title)}\n${took}\n${text}${isDry ? "Nothing was written: this was a dry run\n" : ""}`
}
