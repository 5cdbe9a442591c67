/** What is told when an import has come to its end, its stop or its failure: as text for a person, or as JSON. */
import type { Leads } from "@leadterra/core"
import type { Column } from "@leadterra/files"
import { type FailingField, failingText } from "./FailingFields.ts"
import { count, counted, duration, shown, table } from "./format.ts"
import type { Session } from "./session.ts"

export interface ImportReport {
  readonly file: string
  readonly campaignId: string
  /** The campaign's. */
  readonly name: string
  readonly isDry: boolean
  readonly end: "over" | "stopped" | "failed"
  readonly landed: Omit<Leads.ImportProgress, "batch">
  /** The file that took the failed rows, if one did; else the first of them. */
  readonly failedFile: string | undefined
  readonly firstFailed: ReadonlyArray<Leads.FailedRow>
  /** Whether that file lacks failed rows, since it could not be written to the end. */
  readonly isCut: boolean
  /** Whether the list is itself a file of failed rows. */
  readonly isFailedRows: boolean
  /** Rows that `--from` passes over, where these are all of the list; else null. */
  readonly passedOver: number | null
  /** Options that such a file leaves aside. */
  readonly leftAside: ReadonlyArray<string>
  /** Keys of the map that no object of JSON has had. */
  readonly unusedMaps: ReadonlyArray<string>
  readonly columns: ReadonlyArray<Column>
  readonly failing: ReadonlyArray<FailingField>
}

export const tellImport = async (report: ImportReport, session: Session): Promise<void> => {
  const { campaignId, columns, end, failedFile, failing, file, firstFailed, isDry, landed } = report
  const { answer, isJson, terminal } = session
  const failedRows = firstFailed.map(({ index, issues, line, retry }) => ({ index, line, issues, retry }))
  const json = { file, campaignId, dryRun: isDry, complete: end === "over", ...landed }
  const complete = failedFile === undefined ? {} : { failedRowsComplete: !report.isCut }
  const aside = report.leftAside.length === 0 ? {} : { leftAside: report.leftAside }
  // Before the end of the list an object that has the key may follow.
  const unused = end === "over" ? report.unusedMaps : []
  const lists = {
    failedRows: failedFile ?? failedRows,
    ...complete,
    failingColumns: failing,
    columns,
    ...aside,
    ...(report.passedOver === null ? {} : { passedOver: report.passedOver }),
    ...(unused.length === 0 ? {} : { unusedMaps: unused })
  }
  await answer({ ...json, ...lists }, textOf(report, session))
  if (!isJson) {
    for (const row of firstFailed) await terminal.err(`${lineOf(row)}\n`)
    const more = landed.failed - firstFailed.length
    if (more > 0 && failedFile === undefined) {
      await terminal.err(
        `and ${count(more)} more: --failed FILE writes them all, to be corrected and imported\n`
      )
    }
  }
  if (!isJson) for (const key of unused) await terminal.err(unusedText(file, key))
  if (!isJson) for (const field of failing) await terminal.err(`${failingText(field)}\n`)
  if (report.passedOver !== null && !isJson) {
    await terminal.err(
      `The list has no row behind the first ${count(report.passedOver)}, which --from passes over: give a smaller number\n`
    )
  }
  if (end !== "over" && !isDry && !isJson && landed.rows > 0) await terminal.err(`${goOn(report)}\n`)
}

const unusedText = (file: string, key: string): string =>
  `no object of ${shown(file)} has the key of --map ${shown(JSON.stringify(key))}: check its spelling\n`

const lineOf = ({ index, issues, line }: Leads.FailedRow): string => {
  const where = line === null ? `row ${index + 1}` : `line ${line}`
  return `${where}: ${issues.map(problemOf).join("; ")}`
}

/** A problem of a row or an entry, with what may have been meant. */
export const problemOf = ({ message, path = "", suggestion }: Problem): string => {
  const field = path.replace(/^customFields\./, "")
  const text = field === "" ? message : `${field}: ${message}`
  return shown(suggestion === undefined ? text : `${text}; did you mean ${suggestion}?`)
}

interface Problem {
  readonly message: string
  readonly path?: string | undefined
  readonly suggestion?: string | undefined
}

/** The next command to type after a stop. It has `--from` only where no failed row is lost by it. */
const goOn = ({ failedFile, isCut, isFailedRows, landed: { next } }: ImportReport): string => {
  if (isCut) {
    return `The rows counted above have landed, and those that failed are not all in ${shown(failedFile ?? "")}: run the same command again, with another file for --failed.`
  }
  const again =
    "What is counted above has landed. Run the same command again, and it ends as if it had not stopped"
  if (isFailedRows) return `${again}.`
  const other = failedFile === undefined ? "" : ", and another file for --failed"
  return `${again}; or add --from ${next} to go on from there${other}.`
}

const titles = { over: "Imported", stopped: "Stopped in", failed: "Broke off in" }

const textOf = (
  { end, failedFile, file, isCut, isDry, landed, name }: ImportReport,
  { terminal: { style } }: Session
): string => {
  const { enrolled, failed, millis, rows, rowsPerSecond, skipped, totalInCampaign, updated } = landed
  const title = `${isDry && end === "over" ? "Would import" : titles[end]} ${shown(file)}, into ${shown(name)}`
  const wrote = failedFile === undefined ? "" : `  ${isCut ? "not all of them " : ""}in ${shown(failedFile)}`
  const counts = table([
    ["enrolled", count(enrolled)],
    ["updated", count(updated)],
    ["skipped", count(skipped)],
    ["failed", count(failed)],
    ["in the campaign", count(totalInCampaign)]
  ]).replace(/^failed .*$/m, (line) => (failed === 0 ? line : style("yellow", line) + wrote))
  const took = `${counted(rows, "row")} in ${duration(millis)}, ${count(rowsPerSecond)} rows/s`
  const kept = failedFile === undefined ? "" : `; the failed rows are in ${shown(failedFile)}`
  const dry = isDry ? `Nothing was written to the store: this was a dry run${kept}\n` : ""
  return `${style("bold", title)}\n${took}\n${counts}${dry}`
}
