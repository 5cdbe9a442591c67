/** `leads export`: the leads of a campaign with where each stands, as CSV or NDJSON. */
import { csvOf, ndjsonOf } from "@leadterra/files"
import { UsageError } from "../failure.ts"
import { counted, shown } from "../format.ts"
import { inputOf } from "../list.ts"
import { filesOf, refuseToOverwrite } from "../overwrite.ts"
import { type CommonOptions, inSession, type Session } from "../session.ts"
import type { Terminal } from "../Terminal.ts"
import { writeWhole } from "../write.ts"

export interface ExportOptions extends CommonOptions {
  readonly campaign: string
  readonly format?: "csv" | "ndjson" | undefined
  readonly output?: string | undefined
  /** False for `--no-neutralise`. */
  readonly neutralise: boolean
}

/** Prints the leads, or writes them to a file; `-` is the standard output. */
export const exportLeads = ({ output, ...rest }: ExportOptions, terminal: Terminal): Promise<void> =>
  exportTo({ ...rest, output: output === "-" ? undefined : output }, terminal)

const exportTo = (options: ExportOptions, terminal: Terminal): Promise<void> =>
  inSession(options, terminal, async (session) => {
    const { db, output } = options
    if (output !== undefined)
      refuseToOverwrite(output, { "the store": filesOf(db), "the input": inputOf(terminal) })
    const isCsv = formatOf(options) === "csv"
    let rows = 0
    async function* leads() {
      for await (const lead of enrolled(session, options)) {
        rows++
        yield lead
      }
    }
    const texts = isCsv
      ? csvOf(leads(), { customFields: await namesOf(session, options), neutralise: options.neutralise })
      : ndjsonOf(leads())
    if (output === undefined) for await (const text of texts) await terminal.data(text)
    else {
      await writeWhole(output, texts)
      await session.answer({ file: output, leads: rows }, `${counted(rows, "lead")} in ${shown(output)}\n`)
    }
  })

/** What was asked for, or what the name of the output says. */
const formatOf = ({ format, json, output }: ExportOptions): "csv" | "ndjson" => {
  if (format !== undefined) return format
  if (output === undefined) return json === true ? "ndjson" : "csv"
  const [, extension = "csv"] = /\.(\w+)$/.exec(output) ?? []
  if (/^(csv|txt)$/i.test(extension)) return "csv"
  if (/^(ndjson|jsonl)$/i.test(extension)) return "ndjson"
  throw new UsageError(
    `${output}: an export is CSV or NDJSON; name it .csv or .ndjson, or say which by --format`
  )
}

const enrolled = ({ engine, workspaceId }: Session, { campaign }: ExportOptions) =>
  engine.leads.enrolled({ workspaceId, campaignId: campaign })

/** Each custom field that a lead of the campaign has, in the order in which they first occur: a header needs them all. */
const namesOf = async (session: Session, options: ExportOptions): Promise<ReadonlyArray<string>> => {
  const names = new Set<string>()
  for await (const { lead } of enrolled(session, options)) {
    for (const name of Object.keys(lead.customFields)) names.add(name)
  }
  return [...names]
}
