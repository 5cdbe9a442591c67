import { execFileSync } from "node:child_process"
import { appendFileSync, chmodSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { PassThrough } from "node:stream"
import { gzipSync } from "node:zlib"
import { CsvRow, openLeads } from "@leadterra/files"
import fc from "fast-check"
import { afterAll, describe, expect, it } from "vitest"
import { asNobody } from "../../../test/asNobody.ts"
import { cut, encoded, faultOf, faultOfText, readAll, readText, rowsOf } from "./read.ts"

const folder = mkdtempSync(join(tmpdir(), "leadterra-files-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const fileOf = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const people = (count: number) =>
  `email,company\n${Array.from({ length: count }, (_, index) => `p${index}@acme.com,Acme ${index}\n`).join("")}`

describe("what cannot be read", () => {
  it("LF-4: a directory, a missing file", async () => {
    expect(await faultOf(folder)).toMatchObject({ reason: "Directory" })
    const missing = join(folder, "missing.csv")
    const error = await faultOf(missing)
    expect([error.reason, error.message]).toEqual(["NotFound", expect.stringContaining(missing)])
    expect(await faultOf(join(fileOf("a.csv", "email\n"), "b.csv"))).toMatchObject({ reason: "NotFound" })
  })

  it("LF-4: a file that may not be read", async () => {
    const path = fileOf("secret.csv", people(1))
    chmodSync(path, 0)
    chmodSync(folder, 0o755)
    expect(await asNobody(() => faultOf(path))).toMatchObject({ reason: "NotReadable" })
  })

  it.each([
    ["a zip or Excel file", Buffer.from("PK\x03\x04\0\0"), "Excel file: save it as CSV"],
    ["an old Excel file", Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1]), "old Excel"],
    ["a PDF", Buffer.from("%PDF-1.7"), "PDF"],
    ["bytes that are no text", Buffer.from([1, 2, 0, 4, 5]), "no text file"],
    ["UTF-16 without a mark", encoded("email\n", "utf-16le"), '"utf-16le"'],
    ["UTF-16 without a mark, the other way", encoded("email\n", "utf-16be"), '"utf-16be"']
  ])("LF-4: %s", async (_, bytes, words) => {
    for (const content of [bytes, gzipSync(bytes)]) {
      const error = await faultOf(cut(content))
      expect([error.reason, error.message]).toEqual(["Binary", expect.stringContaining(words)])
    }
  })

  it("LF-4: nothing in it, or nothing but a header", async () => {
    for (const list of ["", "\ufeff", " \n\n"]) expect((await faultOfText(list)).reason).toBe("Empty")
    for (const list of ["email,company", "email,company\n\n,\n", "[]"]) {
      expect((await faultOfText(list)).reason).toBe("NoRows")
    }
  })

  it.each([
    { delimiter: ";;" },
    { delimiter: '"' },
    { maxRecordBytes: 0 },
    { maxRecordBytes: 100_000_001 },
    { map: { a: " " } }
  ])("LF-4: an option that makes no sense: %j", async (options) => {
    expect((await faultOfText("email\na@b.de\n", options)).reason).toBe("BadOption")
  })

  it("LF-4: a stream of text in place of bytes", async () => {
    const stream = new PassThrough({ encoding: "utf8" })
    stream.end(people(1))
    expect((await faultOf(stream)).reason).toBe("BadOption")
  })
})

describe("what cannot be read to its end", () => {
  it("LF-4: bytes that are no UTF-8 name their line, after the rows before, however they are cut", () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 8 }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
        async (count, sizes) => {
          const bytes = Buffer.concat([
            Buffer.from(`${people(count)}é@acme.com,`),
            Buffer.from("Café\n", "latin1"),
            Buffer.from(people(3))
          ])
          const { error, rows } = await readAll(cut(bytes, sizes))
          expect(rows).toHaveLength(count)
          expect([error?.reason, error?.line]).toEqual(["BadText", count + 2])
          expect(error?.message).toContain('"latin1"')
        }
      )
    ))

  it("LF-1: and are read as Latin-1, which is windows-1252, when the caller says so", async () => {
    const bytes = Buffer.from("email,company\na@b.de,Caf\xe9 \x80\x92\n", "latin1")
    const { rows } = await readAll(cut(bytes, [3]), { encoding: "latin1" })
    expect(rows[0]?.row).toEqual({ email: "a@b.de", company: "Café €’" })
  })

  it("LF-4: a file that ends in the middle of a character", async () => {
    const { error, rows } = await readAll(cut(Buffer.from("email\na@b.de\ncaf\xc3", "latin1"), [2]))
    expect([rows.length, error?.reason, error?.line]).toEqual([1, "BadText", 3])
  })

  it("LF-4: a gzip file that breaks off gives every row before", async () => {
    const packed = gzipSync(people(20_000))
    const { error, rows } = await readAll(fileOf("broken.csv.gz", packed.subarray(0, packed.length - 9)))
    expect(rows.length).toBeGreaterThan(19_900)
    expect(error).toMatchObject({ reason: "BadGzip" })
    expect(error?.message).toContain("breaks off")
    const half = await readAll(cut(packed.subarray(0, packed.length >> 1), [999]))
    expect(half.rows.length).toBeGreaterThan(8_000)
    expect(half.error).toMatchObject({ reason: "BadGzip", line: half.rows.length + 2 })
  })

  it("LF-4: a gzip file that is damaged", async () => {
    const packed = gzipSync(people(20_000))
    packed.fill(0, packed.length - 8)
    expect((await faultOf(cut(packed))).message).toContain("damaged")
  })

  it.each([
    ["csv", "email\n", "a@b.de\n"],
    ["ndjson", "", '{"email":"a@b.de"}\n'],
    ["json", "[", '{"email":"a@b.de"},\n']
  ] as const)(
    "LF-4: a record without an end fails at once, after the rows before: %s",
    async (format, head, row) => {
      let taken = 0
      async function* endless() {
        yield Buffer.from(head + row + (format === "json" ? '["' : ""))
        const chunk = Buffer.alloc(65_536, "x")
        for (let at = 0; at < 2 ** 30; at += chunk.length) {
          taken += chunk.length
          yield chunk
        }
      }
      const { error, rows } = await readAll(endless(), { format })
      expect(rows).toHaveLength(1)
      expect([error?.reason, error?.line]).toEqual(["RecordTooLong", head.includes("\n") ? 3 : 2])
      expect(taken).toBeLessThan(4_000_000)
    }
  )

  it("LF-4: a first line without an end fails at once, also in tiny chunks", async () => {
    async function* endless() {
      const chunk = Buffer.alloc(7, "x")
      for (;;) yield chunk
    }
    expect(await faultOf(endless())).toMatchObject({ reason: "RecordTooLong", line: 1 })
  })

  it("LF-4: the limit counts bytes of UTF-8, wherever the chunks are cut", async () => {
    const list = `email,x\na@b.de,${"é".repeat(10)}\nc@d.ef,${"é".repeat(20)}\n`
    for (const size of [1, 10, 1_000]) {
      const { error, rows } = await readAll(cut(Buffer.from(list), [size]), { maxRecordBytes: 30 })
      expect([rows.length, error?.reason, error?.line]).toEqual([1, "RecordTooLong", 3])
    }
  })

  it("LF-4: a quote that is never closed names the line on which it opens", async () => {
    const open = 'email,x\na@b.de,1\nc@d.ef,"2\n3",\n"g@h.ij,4\nk@l.mn,5\n'
    const { error, rows } = await readText(open)
    expect(rows.map(({ line }) => line)).toEqual([2, 3])
    expect(error).toMatchObject({ reason: "UnclosedQuote", line: 5 })
    const long = await readText(`${open}${people(100_000)}`)
    expect(long.error).toMatchObject({ reason: "RecordTooLong", line: 5 })
    expect(long.error?.message).toContain("a quote that opens on line 5 is not closed")
  })

  it("LF-4: a pipe that closes with an error", async () => {
    async function* broken() {
      yield Buffer.from(people(3))
      throw Object.assign(new Error("secret"), { code: "ECONNRESET" })
    }
    const { error, rows } = await readAll(broken())
    expect(rows).toHaveLength(3)
    expect(error).toMatchObject({ reason: "SourceFailed", line: 5 })
    expect(error?.message).toContain("(ECONNRESET)")
    const pipe = new PassThrough()
    pipe.write(people(3))
    setImmediate(() => pipe.destroy())
    expect((await faultOf(pipe)).reason).toBe("SourceFailed")
  })

  it("LF-4: no message repeats what stands in a cell", async () => {
    const lists = [
      'email,x\n"SECRET@b.de,1\n',
      'email,x\na@b.de,"SECRET"SECRET\n',
      "email\na@b.de,SECRET\n",
      '[{"email":"SECRET}]',
      '{"email": SECRET}\n'
    ]
    for (const list of lists) {
      const { error, rows } = await readText(list)
      const said = [error?.message, ...rows.flatMap(({ issues }) => issues.map(({ message }) => message))]
      expect(said.join()).not.toContain("SECRET")
    }
  })
})

describe("a last row that may not be whole", () => {
  it("LF-4: fails, to be tried later, without a line end and some of the cells", async () => {
    const { rows } = await readText("email,company,x\na@b.de,Acme\nc@d.ef,Ac")
    expect(rows.map(({ issues, retry }) => [issues[0]?.reason, retry])).toEqual([
      [undefined, "corrected"],
      ["BreaksOff", "later"]
    ])
  })

  it("LF-4: fails when the file was written to while it was read", async () => {
    const path = fileOf("growing.csv", "email,company\na@b.de,Acme\n")
    const file = await openLeads(path)
    appendFileSync(path, "c@d.ef,Oak\ng@h.ij,El")
    const rows = await rowsOf(file)
    expect(rows.map(({ issues, row }) => [row, issues[0]?.reason])).toEqual([
      [{ email: "a@b.de", company: "Acme" }, undefined],
      [{ email: "c@d.ef", company: "Oak" }, undefined],
      [{ email: "g@h.ij", company: "El" }, "BreaksOff"]
    ])
    expect(file.bytesRead).toBeGreaterThan(file.size ?? 0)
  })

  it("LF-4: fails when only the time of the file has moved, and lands in a file that rests", async () => {
    const path = fileOf("touched.csv", "email\na@b.de")
    const file = await openLeads(path)
    const later = new Date(Date.now() + 60_000)
    utimesSync(path, later, later)
    expect((await rowsOf(file))[0]?.retry).toBe("later")
    expect((await readAll(path)).rows[0]?.issues).toEqual([])
  })
})

describe("an open list", () => {
  it("LF-1: is read once, and tells its size and how far it is", async () => {
    const list = people(10_000)
    const file = await openLeads(fileOf("some.csv", list))
    expect([file.format, file.size, file.bytesRead]).toEqual(["csv", list.length, list.length])
    let count = 0
    for await (const batch of file.batches()) count += batch.length
    expect([count, file.bytesRead]).toEqual([10_000, list.length])
    await expect(rowsOf(file)).rejects.toMatchObject({ reason: "AlreadyRead" })
  })

  it("LF-1: gives rows in order to a caller who does not wait for each", async () => {
    const file = await openLeads(cut(Buffer.from(people(50)), [30]))
    const rows = file[Symbol.asyncIterator]()
    const results = await Promise.all(Array.from({ length: 52 }, () => rows.next()))
    expect(results.map(({ done, value }) => (done === true ? null : value?.line))).toEqual([
      ...Array.from({ length: 50 }, (_, index) => index + 2),
      null,
      null
    ])
  })

  it("LF-1: closes the file when the loop is left", async () => {
    const stream = new PassThrough()
    stream.write(people(3))
    for await (const row of await openLeads(stream)) {
      expect(row).toBeInstanceOf(CsvRow)
      break
    }
    expect(stream.destroyed).toBe(true)
  })

  it("LF-1: can be closed while the next row is waited for", async () => {
    const stream = new PassThrough()
    stream.write(people(1))
    const file = await openLeads(stream)
    const rows = file[Symbol.asyncIterator]()
    await rows.next()
    const waiting = rows.next()
    await rows.return?.()
    expect(await waiting).toEqual({ done: true, value: undefined })
  })

  it("LF-1: may be a named pipe", async () => {
    const path = join(folder, "pipe.csv")
    execFileSync("mkfifo", [path])
    const reading = readAll(path)
    await writeFile(path, people(5_000))
    const { error, file, rows } = await reading
    expect([error, file.size, rows.length]).toEqual([undefined, null, 5_000])
  })

  it("LF-1: takes little memory for a file of more than 200 MB, also when some of the rows are kept", () => {
    const path = join(folder, "large.csv")
    const note = "x".repeat(1_000)
    const block = `a@b.de,${note},${note}\nc@d.ef,"${note}","${note}"\n`.repeat(500)
    writeFileSync(path, "email,company,note\n")
    for (let count = 0; count < 105; count++) appendFileSync(path, block)
    const program = `
      import { openLeads } from "@leadterra/files"
      const kept = []
      let count = 0
      for await (const row of await openLeads(${JSON.stringify(path)})) if (count++ % 101 === 0) kept.push(row)
      console.log(count)`
    const args = [
      "--max-old-space-size=40",
      "--max-semi-space-size=8",
      "--input-type=module",
      "--eval",
      program
    ]
    const shown = execFileSync(process.execPath, args, { cwd: import.meta.dirname, encoding: "utf8" })
    expect(Number(shown)).toBe(105_000)
  })
})
