/** `leads import`: a list into a campaign, with progress, failed rows in a file, and a stop between two batches. */
import { existsSync } from "node:fs"
import type { Leads } from "@leadterra/core"
import type { LeadFile } from "@leadterra/files"
import { columnsText } from "../columnsReport.ts"
import { onCopy } from "../dryRun.ts"
import { exitCodes } from "../exitCodes.ts"
import { FailingFields } from "../FailingFields.ts"
import { type FailedRowsWriter, leftAside, leftAsideText, writerFor } from "../failedFile.ts"
import { UsageError } from "../failure.ts"
import { shown } from "../format.ts"
import { type ImportReport, tellImport } from "../importReport.ts"
import { type ListOptions, openList, shareOf, sourceOf } from "../list.ts"
import { filesOf, refuseToOverwrite } from "../overwrite.ts"
import { Progress } from "../Progress.ts"
import { type CommonOptions, inSession, type Session } from "../session.ts"
import { checkStore, isServer } from "../store.ts"
import { ReaderGone, type Terminal } from "../Terminal.ts"
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

/** Runs an import, and gives the exit code. */
export const importLeads = async (
  file: string,
  options: ImportOptions,
  terminal: Terminal
): Promise<number> => {
  const { db, dryRun = false, failed, from } = options
  if (dryRun && isServer(db)) {
    throw new UsageError(
      "--dry-run works on a copy, which a server cannot be made: copy the database (createdb --template) and import into that"
    )
  }
  if (failed === "-") {
    throw new UsageError(
      "--failed takes a file, since the answer goes to the standard output: name one, or ./- for a file of that name"
    )
  }
  if (failed !== undefined) {
    refuseToOverwrite(failed, { "the list": sourceOf(file, terminal), "the store": filesOf(db) })
    if (from !== undefined && existsSync(failed)) {
      throw new UsageError(
        `${failed} may hold the failed rows of the first part: with --from name another file for --failed`
      )
    }
  }
  checkStore(db, { creates: false, takesMemory: false })
  const list = await openList(file, options, terminal)
  const writer = await writerOf(list, failed)
  const stop = new AbortController()
  const listenNoMore = terminal.onInterrupt(() => {
    if (stop.signal.aborted) process.exit(exitCodes.interrupted)
    stop.abort()
  })
  const work = (db: string, onOpen = () => {}) =>
    inSession({ ...options, db }, terminal, async (session) => {
      onOpen()
      return run(file, list, options, session, stop, writer)
    })
  try {
    return await (dryRun ? onCopy(db, work) : work(db))
  } finally {
    listenNoMore()
    await list.close()
  }
}

/** The writer of failed rows for a list, which is closed when it has no writer of that name. */
const writerOf = async (
  list: LeadFile,
  failed: string | undefined
): Promise<FailedRowsWriter | undefined> => {
  try {
    return failed === undefined ? undefined : writerFor(failed, list)
  } catch (error) {
    await list.close()
    throw error
  }
}

/** A closed output changes neither the course of the import nor its exit code. */
const ignoreGone = (error: unknown): void => {
  if (!(error instanceof ReaderGone)) throw error
}

/**
 * Prints the field of each column before the first row lands, so that a user can stop the import.
 */
const tellColumns = async (file: string, list: LeadFile, { terminal }: Session): Promise<void> => {
  const text = columnsText(list, terminal.columns)
  if (text !== "") await terminal.out(`${terminal.style("bold", `Columns of ${shown(file)}`)}\n${text}\n`)
}

const run = async (
  file: string,
  list: LeadFile,
  options: ImportOptions,
  session: Session,
  stop: AbortController,
  writer: FailedRowsWriter | undefined
): Promise<number> => {
  const { engine, workspaceId } = session
  const { campaign: campaignId, dryRun = false, failed: failedFile } = options
  const { name } = await engine.campaigns.get({ workspaceId, campaignId })
  const aside = leftAside(options, list)
  if (!session.isJson) {
    await session.terminal.out(leftAsideText(shown(file), aside)).catch(ignoreGone)
    await tellColumns(file, list, session).catch(ignoreGone)
  }
  const { failing, failure, firstFailed, isCut, isStopped, landed } = await land(
    list,
    options,
    session,
    stop,
    writer
  )
  if (landed === undefined) {
    if (failure !== undefined) throw failure
    return exitCodes.interrupted
  }
  const end = failure !== undefined ? "failed" : isStopped ? "stopped" : "over"
  const from = list.isFailedRows ? 0 : (options.from ?? 0)
  const report: ImportReport = {
    passedOver: end === "over" && landed.rows === 0 && from > 0 ? from : null,
    ...{ file, campaignId, name, isDry: dryRun, end, landed },
    ...{ failedFile, firstFailed, failing, columns: list.columns },
    ...{ isCut, isFailedRows: list.isFailedRows, leftAside: aside, unusedMaps: list.unusedMaps }
  }
  await tellImport(report, session).catch(ignoreGone)
  if (failure !== undefined) throw failure
  if (isStopped) return exitCodes.interrupted
  return landed.failed > 0 ? exitCodes.failedRows : exitCodes.done
}

/** Imports to the end, the stop or the failure; what has landed is undefined when it could not even begin. */
const land = async (
  list: LeadFile,
  options: ImportOptions,
  { engine, terminal, workspaceId }: Session,
  stop: AbortController,
  writer: FailedRowsWriter | undefined
) => {
  const { batchSize, campaign: campaignId, failed: failedFile } = options
  const from = list.isFailedRows ? undefined : options.from
  const progress = new Progress(terminal)
  let landed: ImportReport["landed"] | undefined
  let failure: unknown
  const failed: Array<Leads.FailedRow> = []
  const onProgress = ({ batch, ...rest }: Leads.ImportProgress) => {
    landed = rest
    for (const row of batch?.failedRows ?? []) {
      failing.add(row)
      failed.push(row)
    }
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

  const failing = new FailingFields(list)
  const firstFailed: Array<Leads.FailedRow> = []
  let isCut = false
  try {
    if (failedFile === undefined || writer === undefined) {
      for await (const row of failedRows()) if (firstFailed.length < toldRows) firstFailed.push(row)
    } else await write(failedFile, writer(failedRows()))
  } catch (error) {
    isCut = failedFile !== undefined
    failure ??= error
  }
  await progress.clear()
  return { landed, failure, failing: failing.worst, firstFailed, isCut, isStopped: stop.signal.aborted }
}
