/** Files of suppression entries: how they are read, and what is told about them. */
import { Readable } from "node:stream"
import { gzipSync } from "node:zlib"
import { expect, it } from "vitest"
import { scene } from "./terminal.ts"

it("LF-1: suppress add reads lines of text in the encoding that is named, or that their mark says", async () => {
  const { command, put } = scene()
  put("gone.txt", Buffer.from("ava@acmecorp.com\nj\u00fcrgen@oak.example\n", "latin1"))
  const untold = await command(["suppress", "add", "gone.txt"])
  expect([untold.exitCode, untold.err]).toEqual([
    6,
    expect.stringMatching(/line 2 is not UTF-8.*--encoding/s)
  ])
  const told = await command(["suppress", "add", "gone.txt", "--encoding", "latin1"])
  expect(told).toMatchObject({ exitCode: 0, out: expect.stringMatching(/^2 suppressed/) })
  put("wide.txt", Buffer.from("\ufeffbo@acmecorp.com\n", "utf16le"))
  expect((await command(["suppress", "add", "wide.txt"])).out).toMatch(/^1 suppressed/)
})

it("LF-2: suppress add reads what is piped in as the list that its options describe", async () => {
  const { command } = scene()
  const stdin = () => Readable.from([Buffer.from("Email,Name\nava@acmecorp.com,Ava\nbad,Bo\n")])
  const told = await command(["suppress", "add", "-", "--format", "csv"], { stdin: stdin() })
  expect([told.exitCode, told.out]).toEqual([
    3,
    expect.stringMatching(/^1 suppressed.*\nstandard input: read column "Email"\n$/)
  ])
  expect(told.err).toMatch(/^line 3: there is no @/)
})

it("LF-2: suppress add says which column it read, and which others hold addresses", async () => {
  const { command, put } = scene()
  put("two.csv", "Work Email,Note,Personal Email\na@acmecorp.com,x,a@oak.example\n")
  const told = await command(["suppress", "add", "two.csv"])
  expect(told.out).toMatch(/^1 suppressed/)
  expect(told.out).toMatch(/read column "Work Email"; left out, with addresses too: "Personal Email"/)
  expect(told.out).toContain('--map "Personal Email=email"')
  expect(told.out).not.toContain("Note")
  const argv = ["suppress", "add", "two.csv", "--map", "Personal Email=email", "--json"]
  const { lists, suppressed } = JSON.parse((await command(argv)).out)
  expect(suppressed).toBe(1)
  expect(lists).toMatchObject([{ column: "Personal Email", leftOut: [{ column: "Work Email" }] }])
  put("two.ndjson", '{"email":"b@acmecorp.com","backup":"b@oak.example"}\n')
  expect((await command(["suppress", "add", "two.ndjson"])).out).toContain("--map backup=email")
})

it("SU-1: suppress add tells the entries of a list that it cannot take in the order of their lines", async () => {
  const { command, put } = scene()
  put("mixed.ndjson", '{"email":"bad"}\n{"email\n{"email":"worse"}\n{"email":"ok@oak.example"}\n')
  const { err } = await command(["suppress", "add", "mixed.ndjson"])
  expect([...err.matchAll(/line (\d+): /g)].map(([, line]) => line)).toEqual(["1", "2", "3"])
})

it.each([
  ["b@x.com;c@x.com", "several in a cell"],
  ["Bo Oak <b@x.com>", "a name before it"],
  ['"Oak, Bo" <b@x.com>', "a name with a comma before it"],
  ["b@x.com c@x.com", "several words"]
])(
  "LF-2: suppress add names a column that holds addresses, and nothing that reads it: %j, %s",
  async (cell) => {
    const { command, put } = scene()
    put("two.csv", `Email,Other,Note\na@x.com,"${cell.replaceAll('"', '""')}",wrote to b@x.com at noon\n`)
    const { out } = await command(["suppress", "add", "two.csv"])
    expect(out).toMatch(/with addresses too: "Other" \(several addresses or names in a cell: put one/)
    expect(out).not.toMatch(/--map|Note/)
  }
)

it("LF-2: suppress add names keys of JSON that hold addresses, by an option where one reads them", async () => {
  const { command, put } = scene()
  const row = {
    email: "a@x.com",
    Employer: "b@x.com",
    more: ["c@x.com"],
    customFields: { backup: "d@x.com" }
  }
  put("list.ndjson", `${JSON.stringify(row)}\n`)
  const { lists } = JSON.parse((await command(["suppress", "add", "list.ndjson", "--json"])).out)
  expect(lists[0].leftOut).toHaveLength(3)
  expect(lists[0].leftOut).toEqual(
    expect.arrayContaining([
      { column: "backup", option: null, advice: "it is in customFields: name it email in the list" },
      { column: "company", option: "--map Employer=email", advice: null },
      { column: "more", option: null, advice: expect.stringContaining("several addresses") }
    ])
  )
  const argv = ["suppress", "add", "list.ndjson", "--map", "Employer=email"]
  expect((await command(argv)).out).toMatch(/^1 suppressed/)
})

/** The content of a file, packed where its name says so. */
const contentOf = (name: string, text: string) => (name.endsWith(".gz") ? gzipSync(text) : text)

it.each([
  ["gone.txt.gz", "a@x.com\n@oak.example\n", "gzipped text"],
  ["gone.txt", "a@x.com;b@x.com\n", "a line with semicolons"],
  ["gone.txt", "a@x.com, b@x.com\n", "a line with commas"],
  ["gone.txt", "a@x.com;\nb@x.com;\n", "lines that end by a semicolon"],
  ["gone.json", '["a@x.com","b@x.com"]', "a JSON array of strings"],
  ["gone.ndjson", '"a@x.com"\n"b@x.com"\n', "strings of JSON"]
])("SU-1: suppress add reads %s: %j, %s", async (name, content, _) => {
  const { command, put } = scene()
  put(name, contentOf(name, content))
  const { err, exitCode, out } = await command(["suppress", "add", name])
  expect([exitCode, err, out]).toEqual([0, "", expect.stringMatching(/^2 suppressed/)])
})

it.each([
  ["gone.txt", "Email;Name\na@x.com;Ava\nb@x.com;Bo\n"],
  ["gone.txt", "a@x.com;Ava\nb@x.com;Bo\n"],
  ["gone.txt", "Email;Copy\na@x.com;c@x.com\nb@x.com;c@x.com\n"],
  ["gone.txt", 'Name,Email\n"Chen, Ava",a@x.com\n"Bo",b@x.com\n'],
  ["gone.txt.gz", "Email\tName\na@x.com\tAva\nb@x.com\tBo\n"],
  ["gone.txt", '["a@x.com",\n"b@x.com"]'],
  ["gone.txt", '{"email":"a@x.com"}\n{"email":"b@x.com"}\n']
])("LF-4: suppress add names the option that reads a list in %s: %j", async (name, content) => {
  const { command, put } = scene()
  put(name, contentOf(name, content))
  const told = await command(["suppress", "add", name])
  const [, option = ""] = /^ {2}try {2}(--format \w+)$/m.exec(told.err) ?? []
  expect([told.exitCode, told.out, option]).toEqual([6, "", expect.stringContaining("--format")])
  const { exitCode, out } = await command(["suppress", "add", name, ...option.split(" ")])
  expect([exitCode, out]).toEqual([0, expect.stringMatching(/^2 suppressed/)])
})

it.each(["Chen, Ava <a@x.com>\nb@x.com\n", "Email\na@x.com\n", "bad; worse\nb@x.com\n"])(
  "SU-1: suppress add takes text that is no list line by line: %j",
  async (content) => {
    const { command, put } = scene()
    put("gone.txt", content)
    const { err, exitCode, out } = await command(["suppress", "add", "gone.txt"])
    expect([exitCode, out]).toEqual([3, expect.stringMatching(/^1 suppressed/)])
    expect(err).toMatch(/gone\.txt, line 1: /)
  }
)

it("LF-4: suppress add tells a gzip file that is cut off", async () => {
  const { command, put } = scene()
  put("gone.txt.gz", gzipSync("a@x.com\nb@x.com\n").subarray(0, 20))
  const { err, exitCode } = await command(["suppress", "add", "gone.txt.gz"])
  expect([exitCode, err]).toEqual([6, expect.stringContaining("damaged or cut off")])
  expect(err).not.toContain("try")
})
