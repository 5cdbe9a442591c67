/** Sends calls, again where that is safe, and reads their answers. */
import { Attempt } from "./Attempt.ts"
import { invalidArgument, LeadterraError } from "./LeadterraError.ts"
import { Patience, type RetryLimits } from "./Patience.ts"
import { parse, problemOf, unexpected } from "./problemOf.ts"
import type { Shape } from "./Shape.ts"
import type { Timing } from "./Timing.ts"

export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | boolean | ReadonlyArray<string> | undefined>>
  readonly headers?: Readonly<Record<string, string | undefined>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as it comes, in place of a body. Such a call is never sent again. */
  readonly upload?: Upload
  /** Milliseconds for the answer, in place of those of the connection. */
  readonly timeoutMillis?: number
  /** Whether the call may be sent again when its first answer was lost. */
  readonly repeatable: boolean
}

export interface Upload {
  readonly stream: ReadableStream<Uint8Array>
  readonly type: string
}

/** A call whose answer is JSON of a shape. */
export interface JsonCall<Body> extends Call {
  readonly answer: Shape<Body>
}

export interface Answer<Body> {
  readonly body: Body
  readonly headers: Headers
}

/** A connection as `connect` has checked it. */
export interface Connection extends RetryLimits {
  /** Without a slash at its end. */
  readonly url: string
  readonly key: string
  readonly fetch: (request: Request) => Promise<Response>
  readonly timeoutMillis: number
  readonly timing: Timing
}

const isOf = (type: string, { headers }: Response): boolean =>
  headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() === type

export class Transport {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  get timing(): Timing {
    return this.#connection.timing
  }

  /** Returns an answer. Rejects with a `LeadterraError`, or with the reason of the signal. */
  async send<Body>(call: JsonCall<Body>, signal: AbortSignal | undefined): Promise<Answer<Body>> {
    const json = bodyOf(call)
    const patience = new Patience(this.#connection, this.timing)
    while (true) {
      try {
        return await this.#once<Body>(call, json, signal)
      } catch (error) {
        if (!call.repeatable || !(error instanceof LeadterraError)) throw error
        await patience.wait(error, signal)
      }
    }
  }

  /** Counts failures by limits of its own, but within the waits of the connection. */
  patience(retries: number): Patience {
    return new Patience({ retries, maxWaitMillis: this.#connection.maxWaitMillis }, this.timing)
  }

  async #once<Body>(
    call: JsonCall<Body>,
    json: string | undefined,
    signal: AbortSignal | undefined
  ): Promise<Answer<Body>> {
    const attempt = new Attempt(this.timing, signal)
    try {
      const response = await this.open(call, attempt, json, "application/json")
      const text = await attempt.race(response.text())
      return { body: bodyOfAnswer(response, text, call.answer), headers: response.headers }
    } finally {
      attempt.close()
    }
  }

  /**
   * Sends a call once. Returns an answer of one of the types with its body unread, and rejects with
   * the problem of any other.
   */
  async open(
    call: Call,
    attempt: Attempt,
    json: string | undefined,
    ...types: ReadonlyArray<string>
  ): Promise<Response> {
    const { fetch, timeoutMillis } = this.#connection
    attempt.limit(call.timeoutMillis ?? timeoutMillis)
    const request = this.#requestOf(call, attempt.signal, json, types.join(", "))
    if (attempt.signal.aborted) throw attempt.signal.reason
    const response = await attempt.race(Promise.resolve().then(() => fetch(request)))
    if (response.ok && types.some((type) => isOf(type, response))) return response
    throw problemOf(response, await attempt.race(response.text()), this.timing.now())
  }

  #requestOf(call: Call, signal: AbortSignal, json: string | undefined, type: string): Request {
    const url = new URL(`${this.#connection.url}${call.path}`)
    for (const [name, value] of Object.entries(call.query ?? {})) {
      for (const one of Array.isArray(value) ? value : [value])
        if (one !== undefined) url.searchParams.append(name, `${one}`)
    }
    const headers = new Headers({ accept: type, authorization: `Bearer ${this.#connection.key}` })
    for (const [name, value] of Object.entries(call.headers ?? {})) {
      if (value !== undefined) headers.set(name, headerOf(name, value))
    }
    if (json !== undefined) headers.set("content-type", "application/json")
    // A redirect would change the method, or hand the key to another host.
    const init: RequestInit = { method: call.method, headers, signal, redirect: "manual" }
    const { upload } = call
    if (upload !== undefined) {
      headers.set("content-type", upload.type)
      // Without it `fetch` refuses a body that is a stream.
      const streamed = { ...init, body: upload.stream, duplex: "half" as const }
      return new Request(url, streamed)
    }
    return new Request(url, json === undefined ? init : { ...init, body: json })
  }
}

/** Returns the body of an answer. Throws when it is no JSON, or not of the shape. */
const bodyOfAnswer = <Body>({ headers, status }: Response, text: string, isBody: Shape<Body>): Body => {
  const body = parse(text)
  if (isBody(body)) return body
  throw unexpected({ status, requestId: headers.get("x-request-id"), retryAfterMillis: null })
}

/** An error of `Headers` would repeat the value. */
const headerOf = (name: string, value: string): string => {
  if (/^[\x20-\x7e]+$/.test(value)) return value
  throw invalidArgument(`the header ${name} takes visible ASCII characters: choose another value`)
}

const bodyOf = ({ body }: Call): string | undefined => {
  try {
    return JSON.stringify(body)
  } catch {
    throw invalidArgument("the arguments are no JSON: leave out circular values and big integers")
  }
}
