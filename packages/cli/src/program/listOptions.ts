/** The options by which a command reads a list. */
import { type Command, Option } from "commander"
import { integer, several } from "./options.ts"

/** Those of `@leadterra/files`, which is loaded when a list is read. */
const encodings = [
  ...["utf-8", "utf-16le", "utf-16be", "latin1", "iso-8859-2", "koi8-r", "macintosh", "windows-874"],
  ...["windows-1250", "windows-1251", "windows-1253", "windows-1254", "windows-1255", "windows-1256"],
  ...["windows-1257", "windows-1258", "big5", "euc-jp", "euc-kr", "gb18030", "shift_jis"]
]

/** The bound of `maxRecordBytes` in `@leadterra/files`, which is loaded when a list is read. */
const maxRecordBytesAtMost = 100_000_000

/** How a list is read, where it does not say so itself. */
const listOptions = () => [
  new Option("--format <format>", "what the file is, if neither its name nor its content says so").choices([
    "csv",
    "tsv",
    "ndjson",
    "json"
  ]),
  new Option("--delimiter <character>", "between cells: a character, or tab; found by itself otherwise"),
  new Option("--encoding <name>", "of the text; UTF-8, or that of its byte order mark, otherwise").choices(
    encodings
  ),
  new Option("--no-header", "the first line is a lead; map columns by their numbers"),
  new Option(
    "--map <column=field>",
    "a column or key to a field: email, firstName, lastName, company, jobTitle or a name of yours; COLUMN= leaves it out; may be repeated"
  ).argParser(several),
  new Option(
    "--skip-lines <lines>",
    "leave out lines above the names of the columns; found by itself up to 10"
  ).argParser(integer(0, Number.MAX_SAFE_INTEGER)),
  new Option("--split-name", "split a column of full names into firstName and lastName"),
  new Option("--max-record-bytes <bytes>", "of one row, 1,000,000 otherwise").argParser(
    integer(1, maxRecordBytesAtMost)
  ),
  new Option(
    "--max-bytes <bytes>",
    "of the whole list once it is unpacked, 4,000,000,000 otherwise"
  ).argParser(integer(1, Number.MAX_SAFE_INTEGER))
]

/** Adds the options of lists behind the other options of a command. */
export const withListOptions = (command: Command): Command => {
  for (const option of listOptions()) command.addOption(option)
  return command
}
