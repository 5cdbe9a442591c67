import type * as Answers from "./answers.ts"
import type * as Requests from "./requests.ts"
import { shape } from "./Shape.ts"
import type { Transport } from "./Transport.ts"

const testClockTime = shape<Answers.TestClockTime>({ now: "string" })

/** The clock of a test workspace. With a live key its calls fail with `path_not_found`. */
export class TestClock {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Returns the time of the clock. */
  async get({ signal }: Requests.CallOptions = {}): Promise<Answers.TestClockTime> {
    const call = { method: "GET", path: "/v1/test-clock", answer: testClockTime, repeatable: true } as const
    return (await this.#transport.send(call, signal)).body
  }

  /** Sets the clock to a later time, and returns the time that it has then. */
  async advance(
    body: Requests.AdvanceTestClock,
    { signal }: Requests.CallOptions = {}
  ): Promise<Answers.TestClockTime> {
    const call = {
      method: "POST",
      path: "/v1/test-clock",
      body,
      answer: testClockTime,
      repeatable: true
    } as const
    return (await this.#transport.send(call, signal)).body
  }
}
