/**
 * How leads become text: CSV in the dialect of a product, or JSON as `bulkUpsert` takes it, one lead a line. In JSON about
 * one row in a thousand has a value of a wrong type, as exports by hand do; CSV knows only text and has none.
 */
import type { Lead } from "./lead.ts"
import { departments, tags } from "./phrases.ts"
import { dateOf, type Product, traitOf } from "./product.ts"

export interface Format {
  readonly head: string
  readonly row: (lead: Lead) => string
  readonly between: string
  readonly tail: string
}

const special = { needed: /[",\r\n]/, spaces: /[",\s\\]/ } as const

const doubled = (cell: string): string => cell.replaceAll('"', '""')

const lineWriter = ({ lineEnd, quotes }: Product): ((cells: ReadonlyArray<string>) => string) => {
  if (quotes === "all") {
    // To look whether there is a quote at all costs less than to copy every cell.
    return (cells) => {
      const safe = cells.some((cell) => cell.includes('"')) ? cells.map(doubled) : cells
      return `"${safe.join('","')}"${lineEnd}`
    }
  }
  const isSpecial = special[quotes]
  const quoted = (cell: string): string => (cell !== "" && isSpecial.test(cell) ? `"${doubled(cell)}"` : cell)
  return (cells) => cells.map(quoted).join(",") + lineEnd
}

export const csv = (product: Product): Format => {
  const line = lineWriter(product)
  const head = `${product.byteOrderMark ? "\ufeff" : ""}${line(product.columns)}`
  return { head, row: (lead) => line(product.cells(lead)), between: "", tail: "" }
}

const wrongs: ReadonlyArray<object> = [
  { company: 7 },
  { jobTitle: ["CEO", "CTO"] },
  { customFields: null },
  { firstName: false },
  { tags: ["a", "b"] },
  { plan: { seats: 5 } },
  { email: null },
  { email: 49_301_234 },
  { customFields: { company: "hidden by the standard field" } },
  { lastName: "half \ud83d" }
]

/** A row for `bulkUpsert`: standard fields, further keys, custom fields of every type; null or absent where empty. */
const rowOf = (lead: Lead): object => {
  const row = {
    email: lead.email,
    firstName: lead.first === "" ? null : lead.first,
    lastName: lead.last,
    company: lead.company === "" ? undefined : lead.company,
    jobTitle: lead.title,
    phone: lead.phone,
    employees: lead.employees,
    optedIn: lead.trait % 2 === 0,
    customFields: {
      city: lead.city === "" ? null : lead.city,
      country: lead.country,
      department: traitOf(departments, lead.trait, 1),
      tag: traitOf(tags, lead.trait, 6),
      since: dateOf(lead),
      note: lead.note
    }
  }
  return lead.trait < 1_000 ? { ...row, ...traitOf(wrongs, lead.trait, 1) } : row
}

export const ndjson: Format = {
  head: "",
  row: (lead) => `${JSON.stringify(rowOf(lead))}\n`,
  between: "",
  tail: ""
}

/** One array, one element a line. */
export const json: Format = {
  head: "[\n",
  row: (lead) => JSON.stringify(rowOf(lead)),
  between: ",\n",
  tail: "\n]\n"
}
