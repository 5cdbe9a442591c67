import type * as Answers from "./answers.ts"
import { follow } from "./follow.ts"
import type * as Requests from "./requests.ts"
import { shape } from "./Shape.ts"
import type { Transport } from "./Transport.ts"

const eventPage = shape<Answers.EventPage>({ events: "list", next: "string or null", more: "boolean" })

/** The events of the workspace, in the order in which they were written. */
export class Events {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Returns a page of events. */
  async read(
    query: Requests.PageQuery = {},
    { signal }: Requests.CallOptions = {}
  ): Promise<Answers.EventPage> {
    const call = {
      method: "GET",
      path: "/v1/events",
      query: { ...query },
      answer: eventPage,
      repeatable: true
    } as const
    return (await this.#transport.send(call, signal)).body
  }

  /**
   * Yields each event once, as it comes. A cut connection is opened again behind the last event,
   * and the loop rejects when that fails for good. Leaving the loop closes the connection.
   */
  follow(options: Requests.FollowOptions = {}): AsyncGenerator<Answers.FollowedEvent, void, void> {
    return follow(this.#transport, options)
  }
}
