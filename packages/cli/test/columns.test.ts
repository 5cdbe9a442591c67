/**
 * The notices about the columns of a list: the field of each, those that make rows fail, and the
 * option to type.
 */
import { execFileSync } from "node:child_process"
import { encodings, FileError, type FileHint } from "@leadterra/files"
import { describe, expect, it } from "vitest"
import { quoted, typedHints, typedMessage } from "../src/hints.ts"
import { buildProgram } from "../src/program.ts"
import { scene } from "./terminal.ts"

const crm = [
  "Work Email;Vorname;Firma;Notes;Notes;Annual Revenue;Internal",
  "ava@acmecorp.com;Ava;Acme;a;b;1.000;x",
  "bo@oak.example;Bo;Oak;a;b;2.000;y",
  ""
].join("\n")

/** The words of a command line, as a shell takes it apart. */
const wordsOf = (line: string): ReadonlyArray<string> =>
  execFileSync("sh", ["-c", `printf '%s\\n' ${line}`], { encoding: "utf8" })
    .split("\n")
    .slice(0, -1)

const importOptions = () =>
  buildProgram({} as never, () => {})
    .commands.find((command) => command.name() === "leads")
    ?.commands.find((command) => command.name() === "import")?.options

describe("columns", () => {
  it.each(["--dry-run", "--batch-size=500"])(
    "LF-2: are told before the first row lands, those that are left out among them: %s",
    async (option) => {
      const { campaign, command, put } = scene()
      const id = await campaign()
      put("crm.csv", crm)
      let before = ""
      const onOut = async (text: string) => {
        if (text.startsWith("Columns of")) before = (await command(["stats", id])).out
      }
      const argv = ["leads", "import", "crm.csv", "-c", id, option, "--map", "Internal="]
      const { exitCode, out } = await command([...argv, "--map", "Annual Revenue=revenue"], {
        onOut,
        columns: 100
      })
      expect(exitCode).toBe(0)
      expect(before).toMatch(/^enrolled +0$/m)
      expect(out.split("\n").slice(1, 8)).toEqual([
        "  email      Work Email",
        "  firstName  Vorname",
        "  lastName   (no column)",
        "  company    Firma",
        "  jobTitle   (no column)",
        "  custom     Notes, Notes 2 (column 5, Notes), revenue (column 6, Annual Revenue)",
        "  left out   Internal"
      ])
    }
  )

  it("LF-2: are part of the answer as JSON", async () => {
    const { campaign, command, put } = scene()
    const id = await campaign()
    put("crm.csv", crm)
    for (const option of ["--dry-run", "--batch-size=500"]) {
      const argv = ["leads", "import", "crm.csv", "-c", id, option, "--map", "Internal=", "--json"]
      const { columns } = JSON.parse((await command(argv)).out)
      expect(columns).toMatchObject([
        { number: 1, name: "Work Email", fields: ["email"] },
        { number: 2, fields: ["firstName"] },
        { number: 3, fields: ["company"] },
        { number: 4, fields: ["Notes"] },
        { number: 5, fields: ["Notes 2"] },
        { number: 6, fields: ["Annual Revenue"] },
        { number: 7, name: "Internal", fields: [] }
      ])
    }
  })

  it("LF-2: fit the terminal, however many there are", async () => {
    const { campaign, command, put } = scene()
    const id = await campaign()
    const names = Array.from({ length: 130 }, (_, index) => `Question ${index + 1}`)
    put("wide.csv", `Email,${names.join(",")}\nava@acmecorp.com,${names.map(() => "yes").join(",")}\n`)
    const { out } = await command(["leads", "import", "wide.csv", "-c", id], { columns: 60 })
    for (const line of out.split("\n")) expect(line.length).toBeLessThan(60)
    expect(out).toMatch(/Question 100, and 30 more$/m)
  })

  it("LF-2: of full names are offered to be split, and split only when that is asked for", async () => {
    const { campaign, command, put } = scene()
    const id = await campaign()
    put("names.csv", "Email,Full Name\nava@acmecorp.com,Ava Chen\n")
    const whole = await command(["leads", "import", "names.csv", "-c", id])
    expect(whole.out).toMatch(/^ {2}Full Name may hold first and last names: --split-name splits them$/m)
    expect((await command(["leads", "show", "ava@acmecorp.com"])).out).toMatch(/^firstName {2}:$/m)
    const split = await command(["leads", "import", "names.csv", "-c", id, "--split-name"])
    expect(split.out).toMatch(/^ {2}lastName {3}Full Name \(split\)$/m)
    expect(split.out).not.toContain("may hold")
    const shown = await command(["leads", "show", "ava@acmecorp.com"])
    expect(shown.out).toMatch(/^firstName {2}: Ava\nlastName {3}: Chen$/m)
  })
})

describe("hints", () => {
  it.each([
    ["without addresses", "Name,Contact\nAva,at acme\n", /^ {2}try {2}--map "#\d=email"$/m],
    ["with two addresses", "Email,email\na@b.de,c@d.de\n", /^ {2}try {2}--map "#2="\n {3}or {2}--map "#1="$/m]
  ])("LF-4: of a list %s name the option to type, as text and as JSON", async (_, content, words) => {
    const { campaign, command, put } = scene()
    const id = await campaign()
    put("list.csv", content)
    const { err, exitCode } = await command(["leads", "import", "list.csv", "-c", id])
    expect([exitCode, err]).toEqual([6, expect.stringMatching(words)])
    expect(err).not.toMatch(/\{|null|skipLines/)
    const json = JSON.parse((await command(["leads", "import", "list.csv", "-c", id, "--json"])).err)
    expect(json.hints[0]).toMatch(/^--map "#\d=/)
    expect(err).toContain(json.hints[0])
  })

  it("LF-4: lose nobody when they are followed, also in a list of domains", async () => {
    const { campaign, command, put } = scene()
    const id = await campaign()
    put("pasted.csv", "Ava Chen <ava@acme.com>\nbo@oak.com\ncy@elm.com\n")
    for (const option of [[], ["--map", "#1=email"], ["--no-header"]]) {
      const argv = ["leads", "import", "pasted.csv", "-c", id, "--json", ...option]
      const { exitCode, out } = await command(argv)
      expect(exitCode).toBe(3)
      expect(JSON.parse(out)).toMatchObject({ rows: 3, failed: 1, failedRows: [{ line: 1 }] })
    }
    put("domains.csv", "@foo.com\n@bar.com\n")
    const added = await command(["suppress", "add", "domains.csv"])
    expect([added.exitCode, added.out]).toEqual([0, expect.stringMatching(/^2 suppressed, 0 already/)])
    put("broken.csv", "ava@acme\nbo@oak.com\n")
    const broken = await command(["leads", "import", "broken.csv", "-c", id])
    expect(broken.err).toMatch(/^ {2}try {2}--no-header\n {3}or {2}--map "#1=email"$/m)
  })

  it.each([
    ["Name,1\nAva,x\n", false],
    ["Name,1,#1\nAva,x,y\n", false],
    ["2,Contact,3\nx,at acme,x\nx,ava@acme.com,x\n", true],
    ["#2,Contact,2,##2\nx,ava@acme.com,x,x\n", true],
    ["Email,email,2,1,#1\na@b.de,c@d.de,x,y,z\n", true],
    ["#2,2,Mail,mail\n1,2,a@b.de,c@d.de\n", true]
  ])("LF-4: mean the column whatever the columns are named: %j", async (content, isLanding) => {
    const { campaign, command, put } = scene()
    const id = await campaign()
    put("list.csv", content)
    const argv = ["leads", "import", "list.csv", "-c", id, "-n", "--json"]
    const told = JSON.parse((await command(argv)).err)
    const hints: ReadonlyArray<string> = told.hints.filter((hint: string) => hint.startsWith("--map"))
    expect(hints.length).toBeGreaterThan(0)
    for (const hint of hints) {
      const { err, out } = await command([...argv, ...wordsOf(hint)])
      expect(err, hint).toBe("")
      const { columns, failed } = JSON.parse(out)
      const [, number, field] = /#(\d+)=(.*?)"?$/.exec(hint) ?? []
      expect(columns[Number(number) - 1], hint).toMatchObject({ fields: field === "" ? [] : [field] })
      if (isLanding) expect(failed).toBeLessThan(2)
    }
  })

  it("LF-4: are options that the import takes, as text and as they are read", () => {
    const known = importOptions()
    const options = [
      "skipLines",
      "splitName",
      "encoding",
      "format",
      "header",
      "maxRecordBytes",
      "maxBytes"
    ] as const
    const hints: ReadonlyArray<FileHint> = [
      { kind: "map", column: 2, key: "#2", field: null },
      { kind: "map", column: 1, key: "#1", field: "First Name" },
      ...options.map((option) => ({ kind: "option" as const, option, value: null }))
    ]
    const message = "the list is too long: raise maxBytes"
    const error = new FileError({ reason: "TooManyBytes", line: null, message, hints })
    expect(typedMessage(error)).toBe("the list is too long: raise --max-bytes")
    const typed = typedHints(error)
    expect(typed.length).toBe(hints.length)
    expect(typed[1]).toBe('--map "#1=First Name"')
    for (const option of typed) {
      const [flag] = option.split(" ")
      expect(known?.map(({ long }) => long)).toContain(flag)
    }
  })

  it("LF-1: name the encodings that lists are read in", () => {
    const option = importOptions()?.find(({ long }) => long === "--encoding")
    expect(option?.argChoices?.toSorted()).toEqual([...encodings].toSorted())
  })

  it("LF-4: breaks the lines of an error between words on a terminal", async () => {
    const { campaign, command, put } = scene()
    const id = await campaign()
    put("list.csv", "Name,Contact\nAva,at acme\n")
    const argv = ["leads", "import", "list.csv", "-c", id]
    const { err } = await command(argv, { isInteractive: true, columns: 40 })
    for (const line of err.split("\n")) expect(line.length).toBeLessThanOrEqual(40)
    expect(err.replaceAll(/\s+/g, " ")).toBe((await command(argv)).err.replaceAll(/\s+/g, " "))
  })

  it("LF-4: of broken quotes name the line", async () => {
    const { campaign, command, put } = scene()
    const id = await campaign()
    put("list.csv", 'Email,Note\nava@acmecorp.com,x\nbo@acmecorp.com,"y" z\ncy@acmecorp.com,"open\n')
    const { err } = await command(["leads", "import", "list.csv", "-c", id])
    expect(err).toMatch(/^line 3: .*closing quote/m)
    expect(err).toMatch(/^error: .*line 4/m)
    const json = await command(["leads", "import", "list.csv", "-c", id, "--json"])
    expect(JSON.parse(json.err)).toMatchObject({ error: "FileError", line: 4 })
  })
})

describe("a column that makes rows fail", () => {
  const long = "x".repeat(6_000)

  it.each([
    "Annual Revenue",
    "Umsatz (€)",
    `it's "100%" $HOME \`id\` \\ !!`,
    "a=b",
    "",
    "n".repeat(90),
    "n".repeat(300),
    "Notes,Notes"
  ])("LF-4: is named, and the option that is told leaves it out: %j", async (name) => {
    const { campaign, command, put } = scene()
    const id = await campaign()
    const header = name === "Notes,Notes" ? name : `"${name.replaceAll('"', '""')}",x`
    const lines = Array.from({ length: 7 }, (_, index) => `p${index}@oak.example,${long},x\n`)
    put("list.csv", `email,${header}\n${lines.join("")}nobody,x,x\n`)
    const argv = ["leads", "import", "list.csv", "-c", id]
    const { err } = await command(argv)
    const [, option = ""] = /makes [78] rows fail \(.*\): (--map .+) leaves it out$/m.exec(err) ?? []
    expect(option).not.toBe("")
    const again = await command([...argv, ...wordsOf(option), "--json"])
    expect(JSON.parse(again.out)).toMatchObject({ enrolled: 7, failed: 1, failingColumns: [] })
    const json = JSON.parse((await command([...argv, "--json"])).out)
    expect(json.failingColumns).toEqual([expect.objectContaining({ option })])
  })

  it("LF-4: of JSON is a key", async () => {
    const { campaign, command, put } = scene()
    const id = await campaign()
    put("list.ndjson", `${JSON.stringify({ email: "ava@acmecorp.com", "my tags": ["a"] })}\n`)
    const argv = ["leads", "import", "list.ndjson", "-c", id]
    const { err } = await command(argv)
    expect(err).toMatch(/^column "my tags" makes 1 row fail .*--map "my tags=" leaves it out$/m)
    expect((await command([...argv, "--map", "my tags="])).exitCode).toBe(0)
  })

  it("LF-4: of JSON within customFields is told without an option, since no option reaches it", async () => {
    const { campaign, command, put } = scene()
    const id = await campaign()
    const line = (email: string) => JSON.stringify({ email, customFields: { tags: ["a"] } })
    put("list.ndjson", `${line("ava@acmecorp.com")}\n${line("bo@acmecorp.com")}\n`)
    const argv = ["leads", "import", "list.ndjson", "-c", id]
    expect((await command(argv)).err).toMatch(
      /^column "tags" makes 2 rows fail \(.*\): correct its values, or take it out of customFields$/m
    )
    const { failingColumns } = JSON.parse((await command([...argv, "--json"])).out)
    expect(failingColumns).toMatchObject([{ column: "tags", option: null }])
  })

  it("LF-4: of JSON that goes to a field by another name is left out by its own", async () => {
    const { campaign, command, put } = scene()
    const id = await campaign()
    put("list.ndjson", `${JSON.stringify({ email: "ava@acmecorp.com", Role: ["a"], plan: "pro" })}\n`)
    const argv = ["leads", "import", "list.ndjson", "-c", id]
    const { err } = await command(argv)
    const [, option = ""] = /: (--map .+) leaves it out$/m.exec(err) ?? []
    expect(option).toBe("--map Role=")
    expect((await command([...argv, ...wordsOf(option)])).exitCode).toBe(0)
  })

  it("quotes any text as one word of a shell", () => {
    for (const word of ["a", "a b", "a'b", `"$x\`\\!'`, "ä=ß", "-"])
      expect(wordsOf(quoted(word))).toEqual([word])
  })
})
