import type * as Answers from "./answers.ts"
import type * as Requests from "./requests.ts"
import { shape } from "./Shape.ts"
import type { Transport } from "./Transport.ts"

const claimAnswer = shape<{ readonly messages: ReadonlyArray<Answers.ClaimedMessage> }>({ messages: "list" })
const reportsAnswer = shape<Answers.ReportsAnswer>({
  recorded: "number",
  repeated: "number",
  ignored: "number",
  failed: "number",
  outcomes: "list"
})

/** Delivery, for a program that sends. All but claims may arrive more than once. */
export class Delivery {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Claims messages that are due. The call is never sent again: it would claim others. */
  async claim(
    body: Requests.Claim = {},
    { signal }: Requests.CallOptions = {}
  ): Promise<{ readonly messages: ReadonlyArray<Answers.ClaimedMessage> }> {
    const call = {
      method: "POST",
      path: "/v1/delivery/claim",
      body,
      answer: claimAnswer,
      repeatable: false
    } as const
    const answer = await this.#transport.send(call, signal)
    return answer.body
  }

  /** Reports what became of messages. */
  record(body: Requests.Reports, options: Requests.CallOptions = {}): Promise<Answers.ReportsAnswer> {
    return this.#report("/v1/delivery/reports", body, options)
  }

  /** Gives claimed messages back. */
  release(body: Requests.ClaimedRefs, options: Requests.CallOptions = {}): Promise<Answers.ReportsAnswer> {
    return this.#report("/v1/delivery/release", body, options)
  }

  /** Lengthens the leases of claimed messages. */
  extend(body: Requests.Extension, options: Requests.CallOptions = {}): Promise<Answers.ReportsAnswer> {
    return this.#report("/v1/delivery/extend", body, options)
  }

  async #report(
    path: string,
    body: object,
    { signal }: Requests.CallOptions
  ): Promise<Answers.ReportsAnswer> {
    const call = { method: "POST", path, body, answer: reportsAnswer, repeatable: true } as const
    return (await this.#transport.send(call, signal)).body
  }
}
