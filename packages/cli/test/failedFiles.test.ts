/** Failed rows, corrected in their file and imported again with the options of the first time. */
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { scene } from "./terminal.ts"

/** Imports a list, corrects its failed rows, and imports those with the same options. */
const importedTwice = async (
  name: string,
  content: string | Uint8Array,
  options: ReadonlyArray<string>,
  failedName = "failed.csv"
) => {
  const { campaign, command, folder } = scene()
  const id = await campaign()
  writeFileSync(join(folder, name), content)
  const failed = join(folder, failedName)
  const argv = ["-c", id, ...options]
  const first = await command(["leads", "import", name, ...argv, "--failed", failed])
  if (existsSync(failed)) {
    writeFileSync(failed, readFileSync(failed, "utf8").replaceAll("(at)", "@"))
  }
  const again = ["leads", "import", failedName, ...argv, "--failed", join(folder, "failed2.out")]
  const second = existsSync(failed) ? await command(again) : undefined
  const json = existsSync(failed) ? await command([...again, "--json"]) : undefined
  const exported = await command(["leads", "export", "-c", id, "--format", "ndjson"])
  const leads: ReadonlyArray<Record<string, unknown>> = exported.out
    .trim()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line))
  return { first, second, json, leads, failed }
}

const namesOf = (leads: ReadonlyArray<Record<string, unknown>>) =>
  leads.map(({ email, firstName }) => [email, firstName])

describe("failed rows without the options of their list", () => {
  it("IM-4: a broken line of JSON, corrected, lands by the map of the first time", async () => {
    const { campaign, command, folder } = scene()
    const id = await campaign()
    const line = '{"Work Mail":"ava@acme.com","Email":"other@x.com","Private":"secret"'
    writeFileSync(join(folder, "l.ndjson"), `${line}\n`)
    const failed = join(folder, "failed.ndjson")
    const maps = ["Work Mail=email", "Email=", "Private="].flatMap((pair) => ["--map", pair])
    const first = await command(["leads", "import", "l.ndjson", "-c", id, ...maps, "--failed", failed])
    expect(first.exitCode).toBe(3)
    writeFileSync(failed, readFileSync(failed, "utf8").replace(String.raw`secret\"`, String.raw`secret\"}`))
    expect((await command(["leads", "import", failed, "-c", id])).exitCode).toBe(0)
    const { out } = await command(["leads", "export", "-c", id, "--format", "ndjson"])
    expect(JSON.parse(out)).toMatchObject({ email: "ava@acme.com", customFields: {} })
    expect(out).not.toMatch(/other@x|secret/)
  })
})

describe("failed rows with the options of their list", () => {
  it("LF-5: of a list with lines above its header land whole", async () => {
    const rows = [1, 2, 3, 4, 5].map((one) => `p${one}(at)acme.com,P${one},Acme\n`)
    const list = `Notes:\n"bla"\n\nEmail,First Name,Company\n${rows.join("")}`
    const { json, leads, second } = await importedTwice("l.csv", list, ["--skip-lines", "3"])
    expect(second?.exitCode).toBe(0)
    expect(namesOf(leads)).toEqual([1, 2, 3, 4, 5].map((one) => [`p${one}@acme.com`, `P${one}`]))
    expect(leads[0]).toMatchObject({ company: "Acme", customFields: {} })
    expect(second?.out).toContain(
      "failed.csv holds failed rows and is read in its own layout: --skip-lines is for the list that they come from, and left aside\n"
    )
    expect(JSON.parse(json?.out ?? "")).toMatchObject({ leftAside: ["--skip-lines"] })
  })

  it("LF-5: of a list in windows-1252 keep their letters", async () => {
    const list = Buffer.from("Email;First Name\nj(at)acme.com;J\xfcrgen\n", "latin1")
    const { failed, leads } = await importedTwice("l.csv", list, ["--encoding", "latin1"])
    expect(namesOf(leads)).toEqual([["j@acme.com", "Jürgen"]])
    // Without a byte order mark Excel shows UTF-8 as another encoding, and saves what it shows.
    expect(readFileSync(failed).subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]))
  })

  it("LF-5: of an import that went on are all taken, whatever the delimiter of the list", async () => {
    const list = "Email;First Name\na@x.com;A\nb@x.com;B\nc(at)x.com;C\nd(at)x.com;D\n"
    const options = ["--from", "2", "--delimiter", ";", "--no-header", "--format", "csv"]
    const refused = await importedTwice("l.csv", list, options.slice(0, 2))
    expect(namesOf(refused.leads)).toEqual([
      ["c@x.com", "C"],
      ["d@x.com", "D"]
    ])
    expect(refused.second?.out).toContain("--from is for the list")
    const { leads, second } = await importedTwice("l.csv", list, ["--from", "2", "--delimiter", ";"])
    expect(second?.out).toContain("--delimiter and --from are for the list")
    expect(leads).toHaveLength(2)
  })

  it.each(["failed.json", "failed.ndjson", "failed.out"])(
    "LF-5: of a list of JSON land from %s",
    async (name) => {
      const list = '[{"email":"a(at)x.com","n":"1"},{"email":"b(at)x.com","n":"2"}]'
      for (const options of [[], ["--format", "json"]]) {
        const { failed, leads, second } = await importedTwice("l.json", list, options, name)
        expect([second?.exitCode, leads.map(({ email }) => email)]).toEqual([0, ["a@x.com", "b@x.com"]])
        if (name === "failed.json") {
          expect(JSON.parse(readFileSync(failed, "utf8"))).toMatchObject([{ n: "1" }, { n: "2" }])
        }
      }
    }
  )

  it.each(["failed.tsv", "failed.csv", "failed.out"])(
    "LF-5: of a list of CSV land from %s, whose delimiter is that of its name",
    async (name) => {
      const list = 'Email,First Name\na(at)x.com,"A, Jr"\n'
      const { failed, leads } = await importedTwice("l.csv", list, [], name)
      expect(namesOf(leads)).toEqual([["a@x.com", "A, Jr"]])
      expect(readFileSync(failed, "utf8").includes("\t")).toBe(name === "failed.tsv")
    }
  )

  it.each([
    ["l.csv", "Email\na(at)x.com\n", "failed.json", "failed.csv"],
    ["l.csv", "Email\na(at)x.com\n", "failed.ndjson", "failed.csv"],
    ["l.csv", "Email\na(at)x.com\n", "failed.csv.gz", "failed.csv"],
    ["l.json", '[{"email":"a(at)x.com"}]', "failed.csv", "failed.ndjson"],
    ["l.json", '[{"email":"a(at)x.com"}]', "failed.tsv", "failed.ndjson"]
  ])("LF-5: of %s, %j are refused a name of another format, %s", async (name, list, failedName, better) => {
    const { first, leads } = await importedTwice(name, list, [], failedName)
    expect([first.exitCode, first.err]).toEqual([2, expect.stringContaining(`name ${better} for --failed`)])
    expect(leads).toEqual([])
  })
})

describe("a file for failed rows that cannot be written to its end", () => {
  const full = "/dev/full"

  it("IM-3: lacks rows, and the report does not advise to go on behind them", async () => {
    if (!existsSync(full)) return
    const { campaign, command, put } = scene()
    const id = await campaign()
    const rows = Array.from({ length: 5_000 }, (_, index) => `{"email":"p${index}(at)acme.com"}\n`)
    put("l.ndjson", rows.join(""))
    const argv = ["leads", "import", "l.ndjson", "-c", id, "--failed", full]
    const { err, exitCode, out } = await command(argv)
    expect([exitCode, out]).toEqual([6, expect.stringContaining("not all of them in /dev/full")])
    expect(err).toContain("run the same command again, with another file for --failed")
    expect(err).not.toContain("--from")
    const json = JSON.parse((await command([...argv, "--json"])).out)
    expect(json).toMatchObject({ complete: false, failedRowsComplete: false })
  })
})

describe("failed rows of a list with a map", () => {
  const map = ["--map", "Work Mail=email", "--map", "Internal Notes="]

  it.each([
    ["l.csv", "Email,Work Mail,Internal Notes,Plan\nother@x.com,a(at)x.com,secret,pro\n", "failed.csv"],
    [
      "l.json",
      '[{"Email":"other@x.com","Work Mail":"a(at)x.com","Internal Notes":"secret","Plan":"pro"}]',
      "failed.json"
    ]
  ])(
    "LF-5: land by it with the options of the first time and without: %s",
    async (name, list, failedName) => {
      const { campaign, command, folder, put } = scene()
      const id = await campaign()
      put(name, list)
      const failed = join(folder, failedName)
      await command(["leads", "import", name, "-c", id, ...map, "--failed", failed])
      put(failedName, readFileSync(failed, "utf8").replaceAll("(at)", "@"))
      for (const options of [[], map]) {
        const { exitCode, out } = await command(["leads", "import", failedName, "-c", id, ...options])
        expect(exitCode).toBe(0)
        const isTold = options.length > 0 && name === "l.csv"
        expect(out.includes("--map is for the list that they come from, and left aside")).toBe(isTold)
        const exported = await command(["leads", "export", "-c", id, "--format", "ndjson"])
        expect(JSON.parse(exported.out)).toMatchObject({
          email: "a@x.com",
          customFields: { Email: "other@x.com", Plan: "pro" }
        })
        expect(exported.out).not.toContain("secret")
      }
    }
  )
})

describe("a map of JSON", () => {
  it("LF-2: that names no key is told at the end, as text and as JSON", async () => {
    const { campaign, command, put } = scene()
    const id = await campaign()
    put("l.json", '[{"email":"a@x.com","Internal Notes":"x"}]')
    const argv = ["leads", "import", "l.json", "-c", id, "--map", "Internal Note=", "--map", "Email=email"]
    const { err, exitCode } = await command(argv)
    const warning = /^no object of .*l\.json has the key of --map "Internal Note": check its spelling\n$/
    expect([exitCode, err]).toEqual([0, expect.stringMatching(warning)])
    expect(JSON.parse((await command([...argv, "--json"])).out)).toMatchObject({
      unusedMaps: ["Internal Note"]
    })
  })
})
