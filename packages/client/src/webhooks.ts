import type * as Answers from "./answers.ts"
import { pages } from "./pages.ts"
import { webhookPath } from "./path.ts"
import type * as Requests from "./requests.ts"
import { shape } from "./Shape.ts"
import type { Transport } from "./Transport.ts"

interface WebhookAnswer {
  readonly webhook: Answers.Webhook
}

interface SecretAnswer {
  readonly webhook: Answers.WebhookWithSecret
}

const webhookAnswer = shape<WebhookAnswer>({ webhook: "object" })
const secretAnswer = shape<SecretAnswer>({ webhook: "object" })
const webhookList = shape<{ readonly webhooks: ReadonlyArray<Answers.Webhook> }>({ webhooks: "list" })
const testAnswer = shape<{ readonly delivery: Answers.WebhookDelivery }>({ delivery: "object" })
const redeliverAnswer = shape<{ readonly redelivered: number }>({ redelivered: "number" })
const deliveryPage = shape<Answers.WebhookDeliveryPage>({ deliveries: "list", next: "string or null" })

/** Endpoints that are told of events. */
export class Webhooks {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Registers an endpoint. The answer holds its secret. The call is never sent again. */
  async create(body: Requests.CreateWebhook, { signal }: Requests.CallOptions = {}): Promise<SecretAnswer> {
    const call = {
      method: "POST",
      path: "/v1/webhooks",
      body,
      answer: secretAnswer,
      repeatable: false
    } as const
    return (await this.#transport.send(call, signal)).body
  }

  /** Returns the endpoints, oldest first. */
  async list({ signal }: Requests.CallOptions = {}): Promise<{
    readonly webhooks: ReadonlyArray<Answers.Webhook>
  }> {
    const call = { method: "GET", path: "/v1/webhooks", answer: webhookList, repeatable: true } as const
    const answer = await this.#transport.send(call, signal)
    return answer.body
  }

  async get(webhookId: string, { signal }: Requests.CallOptions = {}): Promise<WebhookAnswer> {
    const call = {
      method: "GET",
      path: webhookPath(webhookId),
      answer: webhookAnswer,
      repeatable: true
    } as const
    return (await this.#transport.send(call, signal)).body
  }

  /** Removes an endpoint with its deliveries. The call is never sent again. */
  async remove(webhookId: string, { signal }: Requests.CallOptions = {}): Promise<WebhookAnswer> {
    const call = {
      method: "DELETE",
      path: webhookPath(webhookId),
      answer: webhookAnswer,
      repeatable: false
    } as const
    return (await this.#transport.send(call, signal)).body
  }

  /** Sends nothing more to an endpoint until it is enabled. */
  async disable(webhookId: string, { signal }: Requests.CallOptions = {}): Promise<WebhookAnswer> {
    const call = {
      method: "POST",
      path: webhookPath(webhookId, "/disable"),
      answer: webhookAnswer,
      repeatable: true
    } as const
    return (await this.#transport.send(call, signal)).body
  }

  /** Goes on with the event at which an endpoint was disabled. */
  async enable(webhookId: string, { signal }: Requests.CallOptions = {}): Promise<WebhookAnswer> {
    const call = {
      method: "POST",
      path: webhookPath(webhookId, "/enable"),
      answer: webhookAnswer,
      repeatable: true
    } as const
    return (await this.#transport.send(call, signal)).body
  }

  /**
   * Draws a new secret, which the answer holds. The one before signs as well for a while. The call is
   * never sent again: it would end the secret before.
   */
  async rotateSecret(
    webhookId: string,
    body: Requests.RotateSecret = {},
    { signal }: Requests.CallOptions = {}
  ): Promise<SecretAnswer> {
    const path = webhookPath(webhookId, "/rotate-secret")
    const call = { method: "POST", path, body, answer: secretAnswer, repeatable: false } as const
    return (await this.#transport.send(call, signal)).body
  }

  /** Sends a test event, once. `deliveries` tells what became of it. */
  async test(
    webhookId: string,
    { signal }: Requests.CallOptions = {}
  ): Promise<{ readonly delivery: Answers.WebhookDelivery }> {
    const call = {
      method: "POST",
      path: webhookPath(webhookId, "/test"),
      answer: testAnswer,
      repeatable: false
    } as const
    return (await this.#transport.send(call, signal)).body
  }

  /** Tries deliveries again, or the oldest failed ones. The call is never sent again. */
  async redeliver(
    webhookId: string,
    body: Requests.Redeliver = {},
    { signal }: Requests.CallOptions = {}
  ): Promise<{ readonly redelivered: number }> {
    const path = webhookPath(webhookId, "/redeliver")
    const call = { method: "POST", path, body, answer: redeliverAnswer, repeatable: false } as const
    return (await this.#transport.send(call, signal)).body
  }

  /** Returns a page of deliveries, newest first. They are kept for three days after their end. */
  async deliveries(
    webhookId: string,
    query: Requests.WebhookDeliveryQuery = {},
    { signal }: Requests.CallOptions = {}
  ): Promise<Answers.WebhookDeliveryPage> {
    const path = webhookPath(webhookId, "/deliveries")
    const call = { method: "GET", path, query: { ...query }, answer: deliveryPage, repeatable: true } as const
    return (await this.#transport.send(call, signal)).body
  }

  /** Yields all deliveries, newest first. */
  allDeliveries(
    webhookId: string,
    { state, ...options }: Requests.AllDeliveriesOptions = {}
  ): AsyncGenerator<Answers.WebhookDelivery, void, void> {
    const ofState = state === undefined ? {} : { state }
    return pages(
      (query, call) => this.deliveries(webhookId, { ...query, ...ofState }, call),
      ({ deliveries }) => deliveries,
      options
    )
  }
}
