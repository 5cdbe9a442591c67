/**
 * What a column's or a key's name means (LF-2): a field of every lead, or a custom one. Names are compared without case,
 * spaces and punctuation. Of two names for one field the stronger takes it: `Job Title` before `Role`. Names of one strength
 * clash, and are for the caller to settle.
 */
/** The fields that every lead has, its address among them. */
export type StandardName = "email" | "firstName" | "lastName" | "company" | "jobTitle"

/** By strength: the field's own names, those that usually mean it, those that do where nothing else does. */
const names: Readonly<Record<StandardName, ReadonlyArray<string>>> = {
  email: [
    "email emailaddress",
    `workemail workemailaddress businessemail businessemailaddress professionalemail corporateemail primaryemail
     primaryemailaddress contactemail contactemailaddress leademail personemail email1 email1value emailid mail`
  ],
  firstName: ["firstname", "givenname forename fname first contactfirstname leadfirstname personfirstname"],
  lastName: ["lastname", "surname familyname lname last contactlastname leadlastname personlastname"],
  company: [
    "company companyname",
    `organization organisation organizationname organisationname accountname companyaccount employer businessname
     companyorganization currentcompany organization1name contactcompany`,
    "associatedcompany associatedcompanyname primarycompany primaryassociatedcompany"
  ],
  jobTitle: [
    "jobtitle",
    `title position role jobposition jobrole currenttitle currentposition currentjobtitle organization1title organizationtitle
     contactjobtitle persontitle designation occupation`
  ]
}

export interface Meaning {
  readonly field: StandardName
  /** 0 is the strongest. */
  readonly rank: number
}

export const standardNames = ["email", "firstName", "lastName", "company", "jobTitle"] as const

const meanings = new Map<string, Meaning>(
  standardNames.flatMap((field) =>
    names[field].flatMap((list, rank) => list.split(/\s+/).map((name) => [name, { field, rank }] as const))
  )
)

/** A name without case, spaces and punctuation. */
export const plain = (name: string): string =>
  name
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "")

/** The field that the name usually means. */
export const meaningOf = (name: string): Meaning | undefined => meanings.get(plain(name))

export const isStandard = (name: string): name is StandardName =>
  standardNames.some((standard) => standard === name)

/** The custom field of a name that is not taken for what it usually means; core keeps a field's own name for the field. */
export const customName = (name: string): string => {
  const trimmed = name.trim()
  return isStandard(trimmed) ? `${trimmed} (unmapped)` : trimmed
}

/** What the writer of failed rows adds, and the reader leaves out (LF-5). */
export const marks = {
  line: "leadterra_line",
  problem: "leadterra_problem",
  retry: "leadterra_retry",
  text: "leadterra_text"
} as const

const marked = new Set<string>(Object.values(marks))

export const isMark = (name: string): boolean => marked.has(name.trim())
