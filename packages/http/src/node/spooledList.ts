/** Opens a list of a spool, row by row. */
import { FileError, failedRowsCsv, failedRowsNdjson, openLeads, type ReadOptions } from "@leadterra/files"
import { SpoolError, type SpooledList } from "../imports/Spool.ts"

/** Excel takes UTF-8 without a byte order mark for another encoding. */
const mark = "\ufeff"

const textOf = async (texts: AsyncIterable<string>): Promise<string> => {
  let all = ""
  for await (const text of texts) all += text
  return all
}

/** Rejects with `SpoolError` when the file is not there, and with `FileError` when no list is in it. */
export const openSpooledList = async (path: string, options: ReadOptions): Promise<SpooledList> => {
  const list = await openLeads(path, options).catch((error) => {
    throw isOfPath(error)
      ? new SpoolError("Missing", "the list is no longer in the spool: upload it again")
      : error
  })
  const { columns } = list
  const isDelimited = columns.length > 0
  const delimiter = list.format === "tsv" ? "\t" : ","
  const header = isDelimited ? await textOf(failedRowsCsv([], columns, delimiter)) : ""
  return {
    rows: list,
    get bytesRead() {
      return list.bytesRead
    },
    format: isDelimited ? "csv" : "ndjson",
    failedText: async (rows, isFirst) => {
      if (!isDelimited) return textOf(failedRowsNdjson(rows))
      const text = await textOf(failedRowsCsv(rows, columns, delimiter))
      return isFirst ? mark + text : text.slice(header.length)
    },
    close: () => list.close()
  }
}

/** Whether an error is about the path, which a message of it would name. */
const isOfPath = (error: unknown): boolean =>
  error instanceof FileError && ["NotFound", "NotReadable", "Directory"].includes(error.reason)
