import type * as Answers from "./answers.ts"
import { pages } from "./pages.ts"
import { campaignPath, leadPath } from "./path.ts"
import type * as Requests from "./requests.ts"
import { shape } from "./Shape.ts"
import type { Transport } from "./Transport.ts"

const batchAnswer = shape<Omit<Answers.BulkAnswer, "replayed">>({ result: "object", outcomes: "list" })
const leadPage = shape<Answers.LeadPage>({ leads: "list", next: "string or null" })
const leadAnswer = shape<{ readonly lead: Answers.Lead }>({ lead: "object" })
const enrollmentAnswer = shape<{ readonly enrollment: Answers.Enrollment | null }>({
  enrollment: "object or null"
})
const explanation = shape<Answers.Explanation>({
  summary: "string",
  verdict: "object",
  status: "string",
  suppression: "object or null",
  messages: "list"
})
const eraseAnswer = shape<Answers.EraseAnswer>({ erased: "number", outcomes: "list" })

/** A key as a string of a structured header (RFC 8941). */
const quoted = (key: string): string => `"${key.replaceAll(/["\\]/g, "\\$&")}"`

/** Leads: batches, lists, look-ups by id and by address, erasure. */
export class Leads {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Enrols a batch. The call is sent again only when it has an `idempotencyKey`. */
  async bulk(
    campaignId: string,
    batch: Requests.BulkLeads,
    options: Requests.ChangeOptions = {}
  ): Promise<Answers.BulkAnswer> {
    const repeatable = batch.idempotencyKey !== undefined
    return this.#batch(campaignPath(campaignId, "/leads/bulk"), batch, { ...options, repeatable })
  }

  /** Returns the answer that `bulk` would give, and writes nothing. */
  async preview(
    campaignId: string,
    batch: Requests.BulkLeads,
    options: Requests.ChangeOptions = {}
  ): Promise<Answers.BulkAnswer> {
    return this.#batch(campaignPath(campaignId, "/leads/preview"), batch, { ...options, repeatable: true })
  }

  async #batch(
    path: string,
    { idempotencyKey, leads, onInvalid }: Requests.BulkLeads,
    { ifMatch, repeatable, signal }: Requests.ChangeOptions & { readonly repeatable: boolean }
  ): Promise<Answers.BulkAnswer> {
    const { body, headers } = await this.#transport.send(
      {
        method: "POST",
        path,
        query: { onInvalid },
        headers: {
          "if-match": ifMatch,
          "idempotency-key": idempotencyKey === undefined ? undefined : quoted(idempotencyKey)
        },
        body: { leads },
        answer: batchAnswer,
        repeatable
      },
      signal
    )
    return { ...body, replayed: headers.get("idempotent-replayed") === "true" }
  }

  /** Returns a page of the leads of a campaign. */
  async enrolled(
    campaignId: string,
    query: Requests.PageQuery = {},
    { signal }: Requests.CallOptions = {}
  ): Promise<Answers.LeadPage> {
    const path = campaignPath(campaignId, "/leads")
    const call = { method: "GET", path, query: { ...query }, answer: leadPage, repeatable: true } as const
    return (await this.#transport.send(call, signal)).body
  }

  /** Yields all leads of a campaign. */
  allEnrolled(
    campaignId: string,
    options: Requests.AllOptions = {}
  ): AsyncGenerator<Answers.Lead, void, void> {
    return pages(
      (query, call) => this.enrolled(campaignId, query, call),
      ({ leads }) => leads,
      options
    )
  }

  /** Returns a page of the leads of the workspace. */
  async list(
    query: Requests.PageQuery = {},
    { signal }: Requests.CallOptions = {}
  ): Promise<Answers.LeadPage> {
    const call = {
      method: "GET",
      path: "/v1/leads",
      query: { ...query },
      answer: leadPage,
      repeatable: true
    } as const
    return (await this.#transport.send(call, signal)).body
  }

  /** Yields all leads of the workspace. */
  all(options: Requests.AllOptions = {}): AsyncGenerator<Answers.Lead, void, void> {
    return pages(
      (query, call) => this.list(query, call),
      ({ leads }) => leads,
      options
    )
  }

  /** Returns a lead by its id. */
  async get(leadId: string, { signal }: Requests.CallOptions = {}): Promise<{ readonly lead: Answers.Lead }> {
    const call = { method: "GET", path: leadPath(leadId), answer: leadAnswer, repeatable: true } as const
    return (await this.#transport.send(call, signal)).body
  }

  /** Returns a lead by its address. */
  async lookup(
    body: Requests.ByAddress,
    { signal }: Requests.CallOptions = {}
  ): Promise<{ readonly lead: Answers.Lead }> {
    const call = {
      method: "POST",
      path: "/v1/leads/lookup",
      body,
      answer: leadAnswer,
      repeatable: true
    } as const
    return (await this.#transport.send(call, signal)).body
  }

  /** Returns where a lead stands in a campaign; null when it is not enrolled. */
  async enrollment(
    campaignId: string,
    body: Requests.ByAddress,
    { signal }: Requests.CallOptions = {}
  ): Promise<{ readonly enrollment: Answers.Enrollment | null }> {
    const path = campaignPath(campaignId, "/leads/enrollment")
    const call = { method: "POST", path, body, answer: enrollmentAnswer, repeatable: true } as const
    return (await this.#transport.send(call, signal)).body
  }

  /** Returns why a lead is, or is not, being sent something. */
  async explain(
    campaignId: string,
    body: Requests.ByAddress,
    { signal }: Requests.CallOptions = {}
  ): Promise<Answers.Explanation> {
    const path = campaignPath(campaignId, "/leads/explain")
    const call = { method: "POST", path, body, answer: explanation, repeatable: true } as const
    return (await this.#transport.send(call, signal)).body
  }

  /** Erases 1 to 1,000 people. */
  async erase(body: Requests.Addresses, { signal }: Requests.CallOptions = {}): Promise<Answers.EraseAnswer> {
    const call = {
      method: "POST",
      path: "/v1/leads/erase",
      body,
      answer: eraseAnswer,
      repeatable: true
    } as const
    return (await this.#transport.send(call, signal)).body
  }
}
