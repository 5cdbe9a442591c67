import { describe, expect, it } from "vitest"
import { faultOfText, readText } from "./read.ts"

const fieldsOf = async (header: string, options?: Parameters<typeof readText>[1]) => {
  const cells = header.split(",")
  const first = cells.map(() => "x").join(",")
  const { file } = await readText(`${header}\n${first}\n`, { header: true, delimiter: ",", ...options })
  return Object.fromEntries(file.columns.map(({ fields: [field], name }) => [name, field ?? null]))
}

const standard = ["email", "firstName", "lastName", "company", "jobTitle"]

/** The columns of an export that go to the fields of every lead, in the order of `standard`. */
const taken = async (header: string) => {
  const fields = await fieldsOf(header)
  const names = Object.entries(fields)
  return standard.map((field) => names.find(([, to]) => to === field)?.[0])
}

describe("columns", () => {
  it.each([
    [
      "HubSpot",
      "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Associated Company,Primary Company,Last Activity Date (EST),Lead Status,Marketing contact status,Create Date (EST),Company Name,Job Title,Work email,Email Domain,Job function,Company size,Associated Company IDs",
      ["Email", "First Name", "Last Name", "Company Name", "Job Title"]
    ],
    [
      "HubSpot without properties",
      "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Associated Company,Lead Status",
      ["Email", "First Name", "Last Name", "Associated Company", undefined]
    ],
    [
      "Apollo",
      "First Name,Last Name,Title,Company,Company Name for Emails,Email,Email Status,Primary Email Source,Email Confidence,Primary Email Catch-all Status,Primary Email Last Verified At,Seniority,Departments,Contact Owner,Work Direct Phone,Home Phone,Mobile Phone,Corporate Phone,Stage,Lists,Last Contacted,Account Owner,# Employees,Industry,Keywords,Person Linkedin Url,Website,Company Linkedin Url,City,Company Address,Company City,Company Phone,Email Sent,Email Open,Email Bounced,Replied,Apollo Contact Id,Apollo Account Id,Secondary Email,Tertiary Email",
      ["Email", "First Name", "Last Name", "Company", "Title"]
    ],
    [
      "Apollo, newer",
      "First Name,Last Name,Title,Company Name,Company Name for Emails,Email,Email Status,Subsidiary of",
      ["Email", "First Name", "Last Name", "Company Name", "Title"]
    ],
    [
      "Instantly",
      "email,first_name,last_name,company_name,job_title,phone,website,personalization,company_domain,lead_status,timestamp_created",
      ["email", "first_name", "last_name", "company_name", "job_title"]
    ],
    [
      "Instantly's API",
      "email,firstName,lastName,companyName,jobTitle,phone,companyDomain,status,interestStatus",
      ["email", "firstName", "lastName", "companyName", "jobTitle"]
    ],
    [
      "a Salesforce report of leads",
      "First Name,Last Name,Title,Company / Account,Email,Lead Source,Street,Rating,Lead Owner",
      ["Email", "First Name", "Last Name", "Company / Account", "Title"]
    ],
    [
      "a Salesforce report of contacts",
      "Salutation,First Name,Last Name,Title,Account Name,Mailing City,Phone,Mobile,Email,Account Owner",
      ["Email", "First Name", "Last Name", "Account Name", "Title"]
    ],
    [
      "Salesforce's Data Loader",
      "ID,ACCOUNTID,LASTNAME,FIRSTNAME,SALUTATION,NAME,TITLE,EMAIL,ACCOUNT.NAME",
      ["EMAIL", "FIRSTNAME", "LASTNAME", "ACCOUNT.NAME", "TITLE"]
    ],
    [
      "Mailchimp",
      "Email Address,First Name,Last Name,Address,Phone Number,Birthday,Company,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,LAST_CHANGED,LEID,EUID,NOTES,TAGS",
      ["Email Address", "First Name", "Last Name", "Company", undefined]
    ],
    [
      "Google Contacts",
      "First Name,Middle Name,Last Name,Organization Name,Organization Title,E-mail 1 - Label,E-mail 1 - Value",
      ["E-mail 1 - Value", "First Name", "Last Name", "Organization Name", "Organization Title"]
    ]
  ])("LF-2: the export of %s maps cleanly", async (_, header, expected) => {
    expect(await taken(header)).toEqual(expected)
  })

  it.each(["Email Address", "E-mail", "EMAIL", "Work Email", "e_mail", " email ", "Ｅmail"])(
    "LF-2: %s is the address",
    async (name) => {
      expect((await taken(`${name},x`))[0]).toBe(name.trim())
    }
  )

  it("LF-2: other names are custom fields, trimmed, whatever they are", async () => {
    const { rows } = await readText("email, a.b ,__proto__,constructor,customFields,$x\na@b.de,1,2,3,4,5\n")
    expect(JSON.stringify(rows[0]?.row)).toBe(
      '{"email":"a@b.de","customFields":{"a.b":"1","__proto__":"2","constructor":"3","customFields":"4","$x":"5"}}'
    )
  })

  it("LF-2: the stronger name takes the field", async () => {
    expect(await fieldsOf("Role,Email,Work Email,Job Title")).toEqual({
      Role: "Role",
      Email: "email",
      "Work Email": "Work Email",
      "Job Title": "jobTitle"
    })
  })

  it("LF-2: a map wins, and what it leaves over becomes custom fields", async () => {
    const map = { "work email": "email", Company: null, "4": "plan" }
    expect(await fieldsOf("email,Work Email,Company,x,Organization", { map })).toEqual({
      email: "email (unmapped)",
      "Work Email": "email",
      Company: null,
      x: "plan",
      Organization: "company"
    })
  })

  it.each([
    ["Email,E-mail", {}, ['column 1 ("Email")', 'column 2 ("E-mail")', "both mean email"]],
    ["email,a,b", { a: "x", b: "x" }, ['column 2 ("a")', 'column 3 ("b")']],
    ["email,Surname,Family Name", {}, ["lastName"]]
  ])("LF-2: two columns for one field are refused, with their places: %s", async (header, map, words) => {
    const error = await faultOfText(`${header}\n`, { header: true, map })
    expect(error.reason).toBe("ColumnsClash")
    for (const word of words) expect(error.message).toContain(word)
  })

  it("LF-2: custom columns of one name get numbers, and columns that the map names keep theirs", async () => {
    const { file } = await readText("email,Note,Note,Note 2,,column 5,x,Note\na@b.de,1,2,3,4,5,6,7\n", {
      map: { x: "Note 3" }
    })
    expect(file.columns.map(({ fields, reason }) => [...fields, reason])).toEqual([
      ["email", "name"],
      ["Note", "custom"],
      ["Note 4", "duplicate"],
      ["Note 2", "custom"],
      ["column 5 2", "duplicate"],
      ["column 5", "custom"],
      ["Note 3", "map"],
      ["Note 5", "duplicate"]
    ])
  })

  it("LF-2: a map can leave out one of two equal columns by its number", async () => {
    const { rows } = await readText("email,Note,Note\na@b.de,1,2\n", { map: { "2": null } })
    expect(rows[0]?.row).toEqual({ email: "a@b.de", customFields: { Note: "2" } })
  })

  it("LF-2: a map that names no column, and a list without addresses, list the columns", async () => {
    const unknown = await faultOfText("email,company\n", { map: { Firma: "company" } })
    expect([unknown.reason, unknown.message]).toEqual(["UnknownColumn", expect.stringContaining('"Firma"')])
    expect(unknown.message).toContain('column 1 ("email"), column 2 ("company")')
    const none = await faultOfText("Name;Firma\n")
    expect([none.reason, none.message]).toEqual(["NoEmailColumn", expect.stringContaining("map")])
    expect(none.message).toContain('column 2 ("Firma")')
  })

  it("LF-2: a column without a name is left out while it is empty", async () => {
    const { rows } = await readText("email,,x,\na@b.de,,1,\nc@d.ef,2,3,\n")
    expect(rows.map(({ row }) => row)).toEqual([
      { email: "a@b.de", customFields: { x: "1" } },
      { email: "c@d.ef", customFields: { "column 2": "2", x: "3" } }
    ])
  })

  it("LF-2: without a header the first address is the lead's, and the map names columns by number", async () => {
    const list = "Ava,a@b.de,b@b.de\nBo,c@d.ef,\n"
    const { file, rows } = await readText(list, { map: { "1": "firstName" } })
    expect(file.columns).toEqual([
      { number: 1, name: "firstName", fields: ["firstName"], reason: "map", offer: null },
      { number: 2, name: "email", fields: ["email"], reason: "address", offer: null },
      { number: 3, name: "column 3", fields: ["column 3"], reason: "unnamed", offer: null }
    ])
    expect(rows.map(({ line, row }) => [line, row])).toEqual([
      [1, { firstName: "Ava", email: "a@b.de", customFields: { "column 3": "b@b.de" } }],
      [2, { firstName: "Bo", email: "c@d.ef" }]
    ])
  })

  it.each([
    ["email;company, legal\na@b.de;Acme\n", ";"],
    ["email\tcompany\na@b.de\tAcme, Inc\n", "\t"],
    ["email|company\na@b.de|Acme\n", "|"],
    ["a@b.de;Acme, Inc;x, y\n", ";"],
    ["sep=;\r\nemail;company\r\na@b.de;Acme\r\n", ";"],
    ['"email","company;x;y"\na@b.de,Acme\n', ","]
  ])("LF-1: the delimiter is found: %j", async (list) => {
    const { error, file, rows } = await readText(list)
    expect(error).toBeUndefined()
    expect(file.columns[0]?.fields).toEqual(["email"])
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({ row: { email: "a@b.de" }, line: list.split(/\r?\n/).length - 1 })
  })
})
