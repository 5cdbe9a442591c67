/**
 * Imports hostile lists one after the other into a store in memory, and prints how each ended: the
 * counts, or the reason of the error. A program of its own, since its test gives it a heap of 512
 * MB.
 */
import { gzipSync } from "node:zlib"
import { MemoryRepository } from "@leadterra/adapter-memory"
import { ImportStopped, SourceFailed } from "@leadterra/core"
import { open } from "@leadterra/core/promise"
import { FileError, openLeads, type ReadOptions } from "@leadterra/files"

const long = 900_000

async function* repeated(head: string, record: string, count: number, tail = "") {
  if (head !== "") yield Buffer.from(head)
  const bytes = Buffer.from(record)
  for (let index = 0; index < count; index++) yield bytes
  if (tail !== "") yield Buffer.from(tail)
}

/** Each record packed once, and the packed bytes repeated: gzip files may be joined. */
async function* packed(head: string, record: string, count: number) {
  yield gzipSync(head)
  const bytes = gzipSync(record)
  for (let index = 0; index < count; index++) yield bytes
}

async function* bomb(head: string, byte: number, size: number) {
  const bytes = gzipSync(Buffer.alloc(10_000_000, byte))
  if (head !== "") yield gzipSync(head)
  for (let at = 0; at < size; at += 10_000_000) yield bytes
}

const commas = `a@b.de${",".repeat(long)}\n`
const cells = `a@b.de,${"x,".repeat(long / 2)}\n`
const longCell = `a@b.de,${"x".repeat(long)}\n`
const deep = "[".repeat(long / 2) + "]".repeat(long / 2)
const keys = JSON.stringify(Object.fromEntries(Array.from({ length: 70_000 }, (_, key) => [`k${key}`, 1])))
const manyKeys = `{${Array.from({ length: 1_000_000 }, (_, key) => `"k${key}":1`).join(",")}}\n`

const lists: Readonly<Record<string, readonly [AsyncIterable<Uint8Array>, ReadOptions?]>> = {
  commas: [repeated("email,x\n", commas, 300)],
  "commas, packed": [packed("email,x\n", commas, 300)],
  cells: [repeated("email,x\n", cells, 300)],
  "cells, packed": [packed("email,x\n", cells, 300)],
  "quoted cells": [repeated("email,x\n", `"a@b.de"${',"x"'.repeat(long / 4)}\n`, 100)],
  "long cells": [repeated("email,x\n", longCell, 1_300)],
  "long cells, packed": [packed("email,x\n", longCell, 1_300)],
  "long cells beyond Latin-1": [packed("email,x\n", `a@b.de,${"\u20ac".repeat(long / 3)}\n`, 300)],
  "long addresses": [packed("email,x\n", `${"x".repeat(long)},1\n`, 300)],
  "bad quotes": [packed("email,x\n", `"a"${"x".repeat(long)}\n`, 300)],
  "short bad quotes": [packed("email,x\n", '"a"b\n'.repeat(long / 5), 5)],
  "deep lines": [packed("", `${deep}\n`, 100), { format: "ndjson" }],
  "deep fields": [packed("", `{"email":"a@b.de","x":${deep}}\n`, 100)],
  "deep array": [repeated("[", `${deep},`, 100, `${deep}]`), { format: "json" }],
  "empty objects": [packed("", `[${"{},".repeat(long / 3)}{}]\n`, 100), { format: "ndjson" }],
  "many keys in lines": [packed("", `${keys}\n`, 100)],
  "many keys in an array": [repeated("[", `${keys},`, 100, `${keys}]`)],
  "a million keys": [repeated("", manyKeys, 1), { maxRecordBytes: 100_000_000 }],
  "a million keys, by default": [repeated("", manyKeys, 1)],
  "long lines": [packed("", `{"email":"a@b.de","x":"${"x".repeat(long)}"}\n`, 300)],
  "long broken lines": [packed("", `{"email":"a@b.de","x":${"x".repeat(long)}}\n`, 300)],
  columns: [repeated(`email${",x".repeat(300_000)}\n`, "a@b.de\n", 10)],
  "columns without a header": [repeated("", `a@b.de${",x".repeat(300_000)}\n`, 10)],
  "columns of a map": [repeated(`${"x,".repeat(16_000)}email\n`, `${"x,".repeat(16_000)}a@b.de\n`, 100)],
  "a title without an end": [repeated("", `${"x".repeat(long)}\n`, 1_300)],
  "a bomb of zeros": [bomb("", 0, 1_000_000_000)],
  "a bomb of zeros in a cell": [bomb("email\n", 0, 1_000_000_000)],
  "a bomb of letters": [bomb("email\n", 97, 1_000_000_000)],
  "a bomb of line ends": [bomb("email\n", 10, 200_000_000), { maxBytes: 100_000_000 }],
  "a bomb of rows": [packed("email\n", "a\n".repeat(100_000), 1_000), { maxRows: 200_000 }],
  "one chunk": [repeated("email\n", "a\n".repeat(200_000), 1)]
}

const answerOf = (error: unknown): string => {
  if (error instanceof ImportStopped) return answerOf(error.reason)
  if (error instanceof SourceFailed) return answerOf(error.cause)
  if (error instanceof FileError) return error.reason
  throw error
}

const wanted = process.argv.slice(2)
for (const [name, [source, options]] of Object.entries(lists)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  await using engine = await open(MemoryRepository.layer)
  const workspaceId = "hostile"
  const { id: campaignId } = await engine.campaigns.create({ workspaceId, name: "Spring" })
  let answer: unknown
  try {
    const leads = await openLeads(source, options)
    let reason: string | undefined
    const { enrolled, failed, rows, updated } = await engine.leads.importAll({
      workspaceId,
      campaignId,
      leads,
      onProgress: ({ batch }) => {
        reason ??= batch?.failedRows[0]?.issues[0]?.reason
      }
    })
    answer = { rows, landed: enrolled + updated, failed, reason }
  } catch (error) {
    answer = answerOf(error)
  }
  console.log(JSON.stringify([name, answer]))
}
