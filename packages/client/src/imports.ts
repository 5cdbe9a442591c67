import { Attempt } from "./Attempt.ts"
import type * as Answers from "./answers.ts"
import { pages } from "./pages.ts"
import { campaignPath, jobPath } from "./path.ts"
import type * as Requests from "./requests.ts"
import { shape } from "./Shape.ts"
import type { Transport } from "./Transport.ts"

/** Milliseconds of an upload, unless its caller says otherwise: those that the server allows. */
const uploadMillis = 1_800_000

/** The first wait for the end of an import, and the longest; each is twice the one before. */
const firstPollMillis = 250
const longestPollMillis = 5_000

/** Milliseconds of one read of failed rows. */
const readMillis = 45_000

const types = { csv: "text/csv", ndjson: "application/x-ndjson" } as const

const importAnswer = shape<Answers.ImportAnswer>({ import: "object" })
const importPage = shape<Answers.ImportPage>({ imports: "list", next: "string or null" })

const isOver = ({ state }: Answers.Import): boolean => state !== "queued" && state !== "running"

/** A list as a stream of bytes. */
const streamOf = (list: Requests.ImportList["list"]): ReadableStream<Uint8Array> => {
  if (list instanceof ReadableStream) return list
  if (list instanceof Blob) return list.stream()
  if (typeof list === "string" || list instanceof Uint8Array) return new Blob([part(list)]).stream()
  const chunks = list[Symbol.asyncIterator]()
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await chunks.next()
      if (done === true) controller.close()
      else controller.enqueue(value)
    },
    cancel: async () => void (await chunks.return?.())
  })
}

/** A part of a `Blob`: bytes that may be shared with another thread are copied. */
const part = (list: string | Uint8Array): string | Uint8Array<ArrayBuffer> =>
  typeof list === "string" ? list : new Uint8Array(list)

/** Imports: lists of any length, as jobs of the server. */
export class Imports {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Uploads a list, and returns the job that waits to land it. The call is never sent again. */
  async create(
    campaignId: string,
    { format = "csv", list, ...query }: Requests.ImportList,
    { signal, timeoutMillis = uploadMillis }: Requests.UploadOptions = {}
  ): Promise<Answers.ImportAnswer> {
    const path = campaignPath(campaignId, "/imports")
    const upload = { stream: streamOf(list), type: types[format] }
    const call = {
      method: "POST",
      path,
      query: { ...query },
      upload,
      timeoutMillis,
      answer: importAnswer,
      repeatable: false
    } as const
    return (await this.#transport.send(call, signal)).body
  }

  /** Returns a page of imports, newest first. */
  async list(
    query: Requests.PageQuery = {},
    { signal }: Requests.CallOptions = {}
  ): Promise<Answers.ImportPage> {
    const call = {
      method: "GET",
      path: "/v1/imports",
      query: { ...query },
      answer: importPage,
      repeatable: true
    } as const
    return (await this.#transport.send(call, signal)).body
  }

  /** Yields all imports, newest first. */
  all(options: Requests.AllOptions = {}): AsyncGenerator<Answers.Import, void, void> {
    return pages(
      (query, call) => this.list(query, call),
      ({ imports }) => imports,
      options
    )
  }

  /** Returns the state of an import. */
  async get(importId: string, { signal }: Requests.CallOptions = {}): Promise<Answers.ImportAnswer> {
    const call = { method: "GET", path: jobPath(importId), answer: importAnswer, repeatable: true } as const
    return (await this.#transport.send(call, signal)).body
  }

  /** Waits until an import is over, and returns it. It asks again after 0.25 to 5 seconds. */
  async ended(importId: string, { signal }: Requests.CallOptions = {}): Promise<Answers.Import> {
    for (let millis = firstPollMillis; ; millis = Math.min(2 * millis, longestPollMillis)) {
      const { import: job } = await this.get(importId, { signal })
      if (isOver(job)) return job
      await this.#transport.timing.sleep(millis, signal)
    }
  }

  /** Yields the bytes of the failed rows: a list to be corrected and imported. */
  async *failedRows(
    importId: string,
    { signal }: Requests.CallOptions = {}
  ): AsyncGenerator<Uint8Array, void, void> {
    const attempt = new Attempt(this.#transport.timing, signal)
    try {
      const call = { method: "GET", path: jobPath(importId, "/failed-rows"), repeatable: true } as const
      const { body } = await this.#transport.open(call, attempt, undefined, types.csv, types.ndjson)
      const reader = body?.getReader()
      if (reader === undefined) return
      try {
        for (;;) {
          const { done, value } = await attempt.raceWithin(readMillis, reader.read())
          if (done) return
          yield value
        }
      } finally {
        reader.cancel().catch(() => {})
      }
    } finally {
      attempt.close()
    }
  }

  /** Aborts an import behind the batch that is under way. */
  async abort(importId: string, { signal }: Requests.CallOptions = {}): Promise<Answers.ImportAnswer> {
    const call = {
      method: "POST",
      path: jobPath(importId, "/abort"),
      answer: importAnswer,
      repeatable: true
    } as const
    return (await this.#transport.send(call, signal)).body
  }

  /** Lets a failed import go on from where it stopped. */
  async resume(importId: string, { signal }: Requests.CallOptions = {}): Promise<Answers.ImportAnswer> {
    const call = {
      method: "POST",
      path: jobPath(importId, "/resume"),
      answer: importAnswer,
      repeatable: true
    } as const
    return (await this.#transport.send(call, signal)).body
  }
}
