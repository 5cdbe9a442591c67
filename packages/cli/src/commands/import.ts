/** `leads import`: a list into a campaign, with progress, failed rows in a file, and a stop between two batches. */
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Leads } from "@leadterra/core"
import { failedRowsCsv, failedRowsNdjson, type LeadFile } from "@leadterra/files"
import Database from "better-sqlite3"
import { exitCodes } from "../exitCodes.ts"
import { UsageError } from "../failure.ts"
import { type ImportReport, tellImport } from "../importReport.ts"
import { type ListOptions, openList, shareOf } from "../list.ts"
import { Progress } from "../Progress.ts"
import { type CommonOptions, inSession, type Session } from "../session.ts"
import type { Terminal } from "../Terminal.ts"
import { refuseToOverwrite, write } from "../write.ts"

export interface ImportOptions extends CommonOptions, ListOptions {
  readonly campaign: string
  readonly dryRun?: boolean | undefined
  readonly failed?: string | undefined
  readonly batchSize?: number | undefined
  readonly from?: number | undefined
}

/** Failed rows that are told of when no file takes them. */
const toldRows = 5

/** Runs an import, and gives the exit code. */
export const importLeads = async (
  file: string,
  options: ImportOptions,
  terminal: Terminal
): Promise<number> => {
  const { db, dryRun = false, failed, from } = options
  if (failed !== undefined) {
    refuseToOverwrite(failed, { "the list": file, "the store": db })
    if (from !== undefined && existsSync(failed)) {
      throw new UsageError(
        `${failed} may hold the failed rows of the first part: with --from name another file for --failed`
      )
    }
  }
  const list = await openList(file, options, terminal)
  const work = (db: string) =>
    inSession({ ...options, db }, terminal, (session) => run(file, list, options, session))
  try {
    return await (dryRun ? onCopy(db, work) : work(db))
  } finally {
    await list.close()
  }
}

/** Works on a copy that is thrown away: nothing else tells as surely what an import would do. */
const onCopy = async (db: string, work: (copy: string) => Promise<number>): Promise<number> => {
  if (!existsSync(db)) return work(db)
  const folder = mkdtempSync(join(tmpdir(), "leadterra-dry-run-"))
  const clean = () => rmSync(folder, { recursive: true, force: true })
  process.once("exit", clean)
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
    process.off("exit", clean)
    clean()
  }
}

const run = async (
  file: string,
  list: LeadFile,
  options: ImportOptions,
  session: Session
): Promise<number> => {
  const { engine, workspaceId } = session
  const { campaign: campaignId, dryRun = false, failed: failedFile } = options
  const { name } = await engine.campaigns.get({ workspaceId, campaignId })
  const { failure, firstFailed, isStopped, landed } = await land(list, options, session)
  if (landed === undefined) throw failure
  const end = failure !== undefined ? "failed" : isStopped ? "stopped" : "over"
  const report: ImportReport = {
    ...{ file, campaignId, name, isDry: dryRun, end, landed },
    ...{ failedFile, firstFailed }
  }
  await tellImport(report, session)
  if (failure !== undefined) throw failure
  if (isStopped) return exitCodes.interrupted
  return landed.failed > 0 ? exitCodes.failedRows : exitCodes.done
}

/** Imports to the end, the stop or the failure; what has landed is undefined when it could not even begin. */
const land = async (list: LeadFile, options: ImportOptions, { engine, terminal, workspaceId }: Session) => {
  const { batchSize, campaign: campaignId, failed: failedFile, from } = options
  const progress = new Progress(terminal)
  const stop = new AbortController()
  const listenNoMore = terminal.onInterrupt(() => {
    if (stop.signal.aborted) process.exit(exitCodes.interrupted)
    stop.abort()
  })
  let landed: ImportReport["landed"] | undefined
  let failure: unknown
  const failed: Array<Leads.FailedRow> = []
  const onProgress = ({ batch, ...rest }: Leads.ImportProgress) => {
    landed = rest
    failed.push(...(batch?.failedRows ?? []))
  }

  /** Gives the failed rows as their batches land. */
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

  const firstFailed: Array<Leads.FailedRow> = []
  const { columns, format } = list
  try {
    if (failedFile === undefined) {
      for await (const row of failedRows()) if (firstFailed.length < toldRows) firstFailed.push(row)
    } else if (columns.length > 0) {
      await write(failedFile, failedRowsCsv(failedRows(), columns, format === "tsv" ? "\t" : ","))
    } else await write(failedFile, failedRowsNdjson(failedRows()))
  } catch (error) {
    failure ??= error
  }
  listenNoMore()
  await progress.clear()
  return { landed, failure, firstFailed, isStopped: stop.signal.aborted }
}
