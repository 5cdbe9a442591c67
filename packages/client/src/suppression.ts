import type * as Answers from "./answers.ts"
import { pages } from "./pages.ts"
import type * as Requests from "./requests.ts"
import { shape } from "./Shape.ts"
import type { Transport } from "./Transport.ts"

const suppressAnswer = shape<Answers.SuppressAnswer>({ result: "object" })
const suppressionPage = shape<Answers.SuppressionPage>({ suppressions: "list", next: "string or null" })
const checkAnswer = shape<{ readonly results: ReadonlyArray<Answers.SuppressionCheck> }>({ results: "list" })

/** The suppression list. The API has no way to take an address off the list. */
export class SuppressionList {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Suppresses addresses and domains. */
  async add(body: Requests.Suppress, { signal }: Requests.CallOptions = {}): Promise<Answers.SuppressAnswer> {
    const call = {
      method: "POST",
      path: "/v1/suppression-list",
      body,
      answer: suppressAnswer,
      repeatable: true
    } as const
    return (await this.#transport.send(call, signal)).body
  }

  /** Returns a page of the entries. */
  async list(
    query: Requests.PageQuery = {},
    { signal }: Requests.CallOptions = {}
  ): Promise<Answers.SuppressionPage> {
    const call = {
      method: "GET",
      path: "/v1/suppression-list",
      query: { ...query },
      answer: suppressionPage,
      repeatable: true
    } as const
    return (await this.#transport.send(call, signal)).body
  }

  /** Yields all entries. */
  all(options: Requests.AllOptions = {}): AsyncGenerator<Answers.Suppression, void, void> {
    return pages(
      (query, call) => this.list(query, call),
      ({ suppressions }) => suppressions,
      options
    )
  }

  /** Returns which addresses are suppressed. */
  async check(
    body: Requests.Addresses,
    { signal }: Requests.CallOptions = {}
  ): Promise<{ readonly results: ReadonlyArray<Answers.SuppressionCheck> }> {
    const call = {
      method: "POST",
      path: "/v1/suppression-list/check",
      body,
      answer: checkAnswer,
      repeatable: true
    } as const
    const answer = await this.#transport.send(call, signal)
    return answer.body
  }
}
