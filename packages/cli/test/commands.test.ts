import { execFileSync } from "node:child_process"
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { Readable } from "node:stream"
import { describe, expect, it } from "vitest"
import { completions } from "../src/completions.ts"
import { buildProgram } from "../src/program.ts"
import { version } from "../src/version.ts"
import { scene } from "./terminal.ts"

const list = [
  "Email Address,First Name,Company Name,plan",
  "ava@acmecorp.com,Ava,Acme,pro",
  "nobody,Bo,Oak,free",
  "AVA@acmecorp.com,Ava,Acme Corp,",
  "cy@oak.example,,Oak,free",
  "gone@oak.example,Di,Oak,free",
  ""
].join("\n")

const counts = (text: string): unknown => {
  const { enrolled, failed, rows, skipped, updated } = JSON.parse(text)
  return { rows, enrolled, updated, skipped, failed }
}

describe("a campaign from its list to its export", () => {
  it("is made, filled, looked at, started, paused and exported", async () => {
    const { campaign, command, folder, put } = scene()
    const id = await campaign([
      { subject: "Hi {{firstName | there}}", bodyHtml: "<p>How is {{company}}?</p>" },
      { subject: "Again", bodyHtml: "<p>{{plan}}</p>", delayDays: 2.5 }
    ])
    expect(id).toMatch(/^camp_[0-9A-Z]{26}$/)
    put("list.csv", list)
    const suppressed = await command([
      "suppress",
      "add",
      "gone@oak.example",
      "@elsewhere.example",
      "--reason",
      "asked"
    ])
    expect(suppressed).toEqual({ exitCode: 0, out: "2 suppressed, 0 already were, 2 in all\n", err: "" })
    const coverage = await command(["leads", "coverage", "list.csv", "-c", id, "--json"])
    expect(JSON.parse(coverage.out)).toEqual({
      leads: 4,
      failed: 1,
      tokens: [
        { step: 0, token: "firstName", empty: 0 },
        { step: 0, token: "company", empty: 0 },
        { step: 1, token: "plan", empty: 1 }
      ]
    })
    const dry = await command(["leads", "import", "list.csv", "-c", id, "--dry-run"])
    expect([dry.exitCode, dry.out]).toEqual([3, expect.stringContaining("Nothing was written")])
    expect((await command(["stats", id])).out).toMatch(/^enrolled +0$/m)
    const imported = await command(["leads", "import", "list.csv", "-c", id, "--json"])
    expect([imported.exitCode, counts(imported.out)]).toEqual([
      3,
      { rows: 5, enrolled: 2, updated: 1, skipped: 1, failed: 1 }
    ])
    expect(JSON.parse(imported.out)).toMatchObject({
      complete: true,
      failedRows: [{ index: 1, line: 3, issues: [{ path: "email", reason: "MissingAt" }] }]
    })
    expect((await command(["campaign", "start", id])).out).toBe(
      "running: 2 leads enrolled, 2 messages queued\n"
    )
    expect((await command(["leads", "show", "Ava@acmecorp.com"])).out).toMatch(/^company +: Acme Corp$/m)
    expect((await command(["leads", "explain", "cy@oak.example", "-c", id])).out).toMatch(/is due since/)
    const preview = await command(["preview", "-c", id, "-e", "cy@oak.example"])
    expect(preview.out).toBe(
      "Step 1, at once\n  Hi there\n  <p>How is Oak?</p>\n\nStep 2, 2.5 days after step 1\n  Again\n  <p>free</p>\n"
    )
    expect((await command(["campaign", "pause", id])).out).toBe("paused\n")
    expect((await command(["campaign", "list"])).out).toMatch(
      new RegExp(`^${id}  paused  2 steps  \\S+  Spring\n$`)
    )
    expect((await command(["campaign", "show", id])).out).toMatch(/^step 2 {2}after 2.5 days {2}Again$/m)
    const exported = await command(["leads", "export", "-c", id])
    const lines = exported.out.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME").split("\r\n")
    expect(lines).toEqual([
      "email,firstName,lastName,company,jobTitle,plan,enrollment_position,enrollment_state,enrollment_end_reason,enrolled_at,ended_at,pending_step,pending_due_at",
      "ava@acmecorp.com,Ava,,Acme Corp,,pro,0,active,,TIME,,0,TIME",
      "cy@oak.example,,,Oak,,free,0,active,,TIME,,0,TIME",
      ""
    ])
    const json = await command(["leads", "export", "-c", id, "--json"])
    expect(JSON.parse(json.out.split("\n")[0] ?? "")).toMatchObject({
      email: "ava@acmecorp.com",
      pending: { step: 0 }
    })
    const ndjson = join(folder, "all.ndjson")
    expect((await command(["leads", "export", "-c", id, "-o", ndjson])).out).toBe(`2 leads in ${ndjson}\n`)
    const permissions = () => (statSync(ndjson).mode & 0o777).toString(8)
    expect(permissions()).toBe("600")
    chmodSync(ndjson, 0o640)
    await command(["leads", "export", "-c", id, "-o", ndjson])
    expect(permissions()).toBe("640")
    expect(
      readFileSync(ndjson, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).email)
    ).toEqual(["ava@acmecorp.com", "cy@oak.example"])
  })

  it("SQ-8: renames a draft, and refuses one that has started", async () => {
    const { campaign, command, put } = scene()
    const id = await campaign()
    expect(await command(["campaign", "rename", id, "Summer \u202e"])).toEqual({
      exitCode: 0,
      out: "Summer \\u202e\n",
      err: ""
    })
    const renamed = await command(["campaign", "rename", id, "Summer", "--json"])
    expect(JSON.parse(renamed.out)).toMatchObject({ id, name: "Summer", status: "draft" })
    put("list.csv", list)
    await command(["leads", "import", "list.csv", "-c", id])
    await command(["campaign", "start", id])
    expect(await command(["campaign", "rename", id, "Autumn"])).toMatchObject({
      exitCode: 5,
      err: expect.stringContaining("A running campaign keeps its name")
    })
    expect((await command(["campaign", "list"])).out).toMatch(/ {2}Summer\n$/)
  })

  it("says in words why a lead gets nothing more", async () => {
    const { campaign, command, put } = scene()
    const id = await campaign()
    put("list.csv", "email\nava@acmecorp.com\n")
    await command(["leads", "import", "list.csv", "-c", id])
    await command(["campaign", "start", id])
    await command(["suppress", "add", "@acmecorp.com", "--reason", "a customer by now"])
    const { out } = await command(["leads", "explain", "ava@acmecorp.com", "-c", id])
    expect(out).toMatch(
      /^Ended at \S+: the address or its domain was put on the suppression list\nstep 1 {2}not sent$/m
    )
    const other = await command(["leads", "explain", "bo@acmecorp.com", "-c", id])
    expect(other.out).toMatch(/^Not enrolled: .* suppression list since \S+, reason "a customer by now"$/m)
  })

  it("LF-5: neutralises formulas in an export, unless it is told not to", async () => {
    const { campaign, command, put } = scene()
    const id = await campaign()
    put(
      "list.ndjson",
      JSON.stringify({ email: "ava@acmecorp.com", company: '=HYPERLINK("https://example.com")' })
    )
    await command(["leads", "import", "list.ndjson", "-c", id])
    expect((await command(["leads", "export", "-c", id])).out).toContain(`"'=HYPERLINK(`)
    expect((await command(["leads", "export", "-c", id, "--no-neutralise"])).out).toContain(`"=HYPERLINK(`)
  })

  it.each([
    ["list.csv", list, (text: string) => text.replace("nobody", "bo@oak.example")],
    [
      "list.ndjson",
      `{"email":"ava@acmecorp.com"}\n{"email":"nobody","plan":"free","n":1}\n`,
      (text: string) => text.replace("nobody", "bo@oak.example")
    ]
  ])(
    "IM-4: the failed rows of %s, corrected in their file, land, and nothing else changes",
    async (name, content, correct) => {
      const { campaign, command, folder, put } = scene()
      const id = await campaign()
      put(name, content)
      const failed = `failed${name.slice(4)}`
      const first = await command(["leads", "import", name, "-c", id, "--failed", join(folder, failed)])
      expect([first.exitCode, first.err]).toEqual([3, ""])
      put(failed, correct(readFileSync(join(folder, failed), "utf8")))
      const second = await command(["leads", "import", failed, "-c", id, "--json"])
      expect([second.exitCode, counts(second.out)]).toEqual([
        0,
        { rows: 1, enrolled: 1, updated: 0, skipped: 0, failed: 0 }
      ])
      const shown = await command(["leads", "show", "bo@oak.example", "--json"])
      expect(JSON.parse(shown.out).customFields).toEqual(
        name.endsWith("csv") ? { plan: "free" } : { plan: "free", n: 1 }
      )
    }
  )

  it("reads a list that is piped in, and maps its columns", async () => {
    const { campaign, command } = scene()
    const id = await campaign()
    const stdin = Readable.from([Buffer.from("Mail Work;Note=1;X\nava@acmecorp.com;hello;y\n")])
    const maps = ["--map", "Mail Work=email", "--map", "Note=1=note", "--map", "X="]
    const { exitCode } = await command(["leads", "import", "-", "-c", id, ...maps], { stdin })
    expect(exitCode).toBe(0)
    const shown = await command(["leads", "show", "ava@acmecorp.com", "--json"])
    expect(JSON.parse(shown.out).customFields).toEqual({ note: "hello" })
  })

  it("IM-3: goes on from a row, and does not write over the failed rows of the first part", async () => {
    const { campaign, command, folder, put } = scene()
    const id = await campaign()
    put("list.csv", list)
    put("failed.csv", "email\n")
    const refused = await command([
      "leads",
      "import",
      "list.csv",
      "-c",
      id,
      "--from",
      "2",
      "--failed",
      "failed.csv"
    ])
    expect([refused.exitCode, refused.err]).toEqual([2, expect.stringContaining("name another file")])
    expect(readFileSync(join(folder, "failed.csv"), "utf8")).toBe("email\n")
    const { out } = await command(["leads", "import", "list.csv", "-c", id, "--from", "2", "--json"])
    expect(counts(out)).toEqual({ rows: 3, enrolled: 3, updated: 0, skipped: 0, failed: 0 })
  })
})

it("IM-3: an import that passes over the whole list says so", async () => {
  const { campaign, command, put } = scene()
  const id = await campaign()
  put("list.csv", list)
  const argv = ["leads", "import", "list.csv", "-c", id, "--from"]
  const { err, exitCode } = await command([...argv, "99"])
  expect([exitCode, err]).toEqual([0, expect.stringMatching(/^The list has no row behind the first 99, /)])
  expect(JSON.parse((await command([...argv, "99", "--json"])).out)).toMatchObject({ passedOver: 99 })
  expect(JSON.parse((await command([...argv, "4", "--json"])).out)).not.toHaveProperty("passedOver")
})

describe("the suppression list", () => {
  it("takes files of any kind, tells what is no entry, and is listed, checked and shortened", async () => {
    const { command, put } = scene()
    put("gone.txt", "\ufeffava@acmecorp.com\r\n\r\n@oak.example\nnobody\n")
    put("gone.csv", "Email,When\nbo@oak.example,today\nAVA@acmecorp.com,today\n")
    const added = await command(["suppress", "add", "gone.txt", "gone.csv", "cy@oak.example"])
    expect([added.exitCode, added.out]).toEqual([
      3,
      expect.stringMatching(/^4 suppressed, 1 already were, 4 in all\n.*gone\.csv: read column "Email"\n$/)
    ])
    expect(added.err).toMatch(/gone\.txt, line 4: there is no @/)
    const listed = await command(["suppress", "list", "--json"])
    expect(
      listed.out
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).entry)
    ).toEqual(["@oak.example", "ava@acmecorp.com", "bo@oak.example", "cy@oak.example"])
    expect((await command(["suppress", "remove", "ava@acmecorp.com"])).out).toBe("1 removed, 3 left\n")
    const checked = await command(["suppress", "check", "ava@acmecorp.com", "zoe@oak.example"])
    expect(checked.out).toMatch(/^ava@acmecorp\.com +free\nzoe@oak\.example +suppressed +manual\n$/)
    const stdin = Readable.from([Buffer.from("di@oak.example\n")])
    expect((await command(["suppress", "add", "-"], { stdin })).out).toMatch(/^1 suppressed/)
    put("u@oak.csv", "Mail Work\nfay@oak.example\n")
    const mapped = await command(["suppress", "add", "u@oak.csv", "--map", "Mail Work=email"])
    expect(mapped.out).toMatch(/^1 suppressed/)
    put("latin.txt", Buffer.from("j\u00fcrgen@oak.example", "latin1"))
    const latin = await command(["suppress", "add", "latin.txt"])
    expect([latin.exitCode, latin.err]).toEqual([6, expect.stringContaining("line 1 is not UTF-8")])
    put("broken.ndjson", '{"email":"gus@oak.example"}\n{"email\n{"email":"hal@oak.example"}\n')
    const broken = await command(["suppress", "add", "broken.ndjson"])
    expect([broken.exitCode, broken.out, broken.err]).toEqual([
      3,
      expect.stringMatching(/^2 suppressed/),
      expect.stringMatching(/line 2: .*JSON/)
    ])
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(1_000_000, "x@oak.example\n")
      })()
    )
    const long = await command(["suppress", "add", "-"], { stdin: endless })
    expect([long.exitCode, long.err]).toEqual([6, expect.stringContaining("save it as CSV")])
    const neither = await command(["suppress", "add", "nofile"])
    expect([neither.exitCode, neither.err]).toEqual([2, expect.stringContaining("nor a file")])
  })
})

describe("what goes wrong", () => {
  it.each([
    ["no command", [], 2, "Usage: leadterra"],
    ["an unknown command", ["frobnicate"], 2, "unknown command 'frobnicate'"],
    ["a missing option", ["leads", "import", "list.csv"], 2, "--campaign"],
    [
      "a wrong number",
      ["leads", "import", "list.csv", "-c", "x", "--batch-size", "7"],
      2,
      "from 500 to 10000"
    ],
    [
      "a record beyond memory",
      ["leads", "import", "list.csv", "-c", "x", "--max-record-bytes", "100000001"],
      2,
      "from 1 to 100000000"
    ],
    ["a wrong map", ["leads", "import", "list.csv", "-c", "x", "--map", "email"], 2, "COLUMN=FIELD"],
    ["a wrong workspace", ["--workspace", "no good", "campaign", "list"], 2, "workspace id"],
    ["an unknown campaign", ["stats", "camp_none"], 5, "no such campaign"],
    ["an unknown lead", ["leads", "show", "zoe@oak.example"], 5, "no such lead"],
    ["a blank name", ["campaign", "rename", "ID", " "], 2, "name must not be blank"],
    ["a start without leads", ["campaign", "start", "ID"], 5, "has no leads"],
    ["a missing list", ["leads", "import", "missing.csv", "-c", "ID"], 6, "no file missing.csv"],
    ["a folder to suppress", ["suppress", "add", "."], 2, "is a folder"],
    ["an export in another format", ["leads", "export", "-c", "ID", "-o", "all.xlsx"], 2, "CSV or NDJSON"],
    ["a folder", ["leads", "import", ".", "-c", "ID"], 6, "directory"],
    ["steps that are no JSON", ["campaign", "steps", "ID", "list.csv"], 2, "is no JSON"],
    [
      "failed rows over the list",
      ["leads", "import", "list.csv", "-c", "ID", "--failed", "list.csv"],
      2,
      "is the list"
    ],
    ["failed rows into the answer", ["leads", "import", "list.csv", "-c", "ID", "--failed", "-"], 2, "./-"],
    ["an export over the store", ["leads", "export", "-c", "ID", "-o", "leads.db"], 2, "is the store"],
    [
      "an output that cannot be written",
      ["leads", "export", "-c", "ID", "-o", "/no/such/folder/x"],
      6,
      "cannot be written"
    ]
  ])("%s is told in a sentence, and by the exit code", async (_, argv, code, words) => {
    const { campaign, command, put } = scene()
    const id = await campaign()
    put("list.csv", list)
    const { err, exitCode } = await command(argv.map((arg) => (arg === "ID" ? id : arg)))
    expect(err).toContain(words)
    expect(exitCode).toBe(code)
    expect(err).not.toContain("This is a bug")
  })

  it.each([
    ["frobnicate", "unknown command 'frobnicate'"],
    ["leads import", "required option '-c, --campaign <id>' not specified"]
  ])("on the command line is told as JSON, too: %s", async (line, message) => {
    const { command } = scene()
    const { err, exitCode } = await command([...line.split(" "), "--json"])
    expect([exitCode, JSON.parse(err)]).toEqual([2, { error: "UsageError", message }])
  })

  it("with a file beside the store is refused before anything is written", async () => {
    const { campaign, command, folder, put } = scene()
    const id = await campaign()
    put("list.csv", list)
    for (const suffix of ["", "-wal", "-shm", "-journal"]) {
      const path = join(folder, `leads.db${suffix}`)
      const exported = await command(["leads", "export", "-c", id, "-o", path, "--format", "csv"])
      expect([exported.exitCode, exported.err]).toEqual([2, expect.stringContaining("is the store")])
    }
    symlinkSync(join(folder, "list.csv"), join(folder, "link.csv"))
    const failed = await command([
      "leads",
      "import",
      "list.csv",
      "-c",
      id,
      "--failed",
      join(folder, "link.csv")
    ])
    expect([failed.exitCode, failed.err]).toEqual([2, expect.stringContaining("is the list")])
    expect(readFileSync(join(folder, "list.csv"), "utf8")).toBe(list)
    expect((await command(["stats", id])).out).toMatch(/^enrolled +0$/m)
  })

  it("with an export leaves what stood there before", async () => {
    const { campaign, command, folder, put } = scene()
    await campaign()
    put("spring.csv", "before")
    const { exitCode } = await command([
      "leads",
      "export",
      "-c",
      "camp_none",
      "-o",
      "spring.csv",
      "--format",
      "ndjson"
    ])
    expect([exitCode, readFileSync(join(folder, "spring.csv"), "utf8")]).toEqual([5, "before"])
    expect(readdirSync(folder).filter((name) => name.endsWith(".part"))).toEqual([])
  })

  it("as JSON is told as JSON", async () => {
    const { campaign, command } = scene()
    await campaign()
    const { err, exitCode, out } = await command(["stats", "camp_none", "--json"])
    expect([exitCode, out, JSON.parse(err)]).toEqual([
      5,
      "",
      { error: "CampaignNotFound", message: "There is no such campaign in this workspace" }
    ])
  })

  it("in the middle of a list has landed what came before, and is told with its line", async () => {
    const { campaign, command, put } = scene()
    const id = await campaign()
    const people = Array.from({ length: 1_200 }, (_, index) => `p${index}@oak.example,x`)
    put(
      "list.csv",
      ["email,note", ...people, 'q@oak.example,"never closed', "r@oak.example,x", ""].join("\n")
    )
    const { err, exitCode, out } = await command(["leads", "import", "list.csv", "-c", id, "--json"])
    expect([exitCode, counts(out)]).toEqual([
      6,
      { rows: 1_200, enrolled: 1_200, updated: 0, skipped: 0, failed: 0 }
    ])
    expect(JSON.parse(out).complete).toBe(false)
    expect(JSON.parse(out).next).toBe(1_200)
    expect(JSON.parse(err)).toMatchObject({ error: "FileError", message: expect.stringMatching(/line 1202/) })
    const told = await command(["leads", "import", "list.csv", "-c", id])
    expect([told.exitCode, told.out]).toEqual([6, expect.stringMatching(/^Broke off in /m)])
    expect(told.err).toMatch(/add --from 1200 to go on from there/)
  })

  it("of a store that is damaged or another program's is told, and nothing is made in its place", async () => {
    const { command, put, folder } = scene()
    put("leads.db", "this is no database, and more than a hundred bytes long, as a header is ".repeat(3))
    const { err, exitCode } = await command(["campaign", "list"])
    expect([exitCode, err]).toEqual([4, expect.stringContaining("not a SQLite database")])
    const other = await command(["--db", join(folder, "none.db"), "campaign", "list"])
    expect([other.exitCode, existsSync(join(folder, "none.db"))]).toEqual([2, false])
  })
})

describe("progress", () => {
  const rows = `email\n${Array.from({ length: 3_000 }, (_, index) => `p${index}@oak.example\n`).join("")}`

  it("IM-2: on a terminal is a line that is drawn anew and taken away", async () => {
    const { campaign, command, put } = scene()
    const id = await campaign()
    put("list.csv", rows)
    const { err } = await command(["leads", "import", "list.csv", "-c", id], {
      isInteractive: true,
      columns: 60
    })
    const drawn = err.split("\r\u001b[2K").slice(1)
    expect(drawn[0]).toMatch(/^[░█]{24} +\d+% {2}0 rows {2}0 rows\/s$/)
    expect(drawn.at(-1)).toBe("")
    for (const line of drawn) expect(line.length).toBeLessThan(60)
  })

  it("IM-2: elsewhere is silent for a short list", async () => {
    const { campaign, command, put } = scene()
    const id = await campaign()
    put("list.csv", rows)
    expect((await command(["leads", "import", "list.csv", "-c", id])).err).toBe("")
  })
})

describe("help and completions", () => {
  it("is there for every command, with examples for those that take lists", async () => {
    const { command } = scene()
    expect((await command(["--version"])).out).toBe(`${version}\n`)
    for (const words of [
      [],
      ["campaign"],
      ["campaign", "create"],
      ["leads", "import"],
      ["suppress", "add"]
    ]) {
      const { exitCode, out } = await command([...words, "--help"])
      expect([exitCode, out]).toEqual([
        0,
        expect.stringContaining(`Usage: leadterra ${words.join(" ")}`.trim())
      ])
    }
    expect((await command(["leads", "import", "--help"])).out).toContain("--failed failed.csv")
  })

  const completed = (line: string): ReadonlyArray<string> => {
    const words = line.split(" ")
    const script = `${completions(
      buildProgram({} as never, () => {}),
      "bash"
    )}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}
_leadterra; printf '%s\\n' "\${COMPREPLY[@]}"`
    return execFileSync("bash", ["-c", script], { encoding: "utf8" }).trim().split("\n")
  }

  it.each([
    ["leadterra ca", ["campaign"]],
    ["leadterra campaign s", ["show", "steps", "start"]],
    ["leadterra leads import --dr", ["--dry-run"]],
    ["leadterra --db x.db leads ex", ["explain", "export"]],
    ["leadterra leads import list.csv --format n", ["ndjson"]],
    ["leadterra suppress add --works", ["--workspace"]],
    ["leadterra completions ", ["bash", "fish", "zsh"]],
    ["leadterra leads import --failed f", [""]],
    ["leadterra leads import li", [""]]
  ])("bash completes %j", (line, words) => {
    expect(completed(line).toSorted()).toEqual(words.toSorted())
  })

  it("zsh and fish have scripts of their own", () => {
    const program = buildProgram({} as never, () => {})
    expect(completions(program, "zsh")).toMatch(/^#compdef leadterra\n/)
    expect(completions(program, "fish")).toContain(
      "complete -c leadterra -n '__fish_seen_subcommand_from leads; and __fish_seen_subcommand_from import' -l failed -d"
    )
  })
})
