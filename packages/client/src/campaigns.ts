import type * as Answers from "./answers.ts"
import { pages } from "./pages.ts"
import { campaignPath } from "./path.ts"
import type * as Requests from "./requests.ts"
import { shape } from "./Shape.ts"
import type { Answer, Transport } from "./Transport.ts"

const taggedCampaign = shape<Omit<Answers.TaggedCampaign, "etag">>({ campaign: "object" })
const lintedCampaign = shape<Omit<Answers.LintedCampaign, "etag">>({ campaign: "object", lints: "list" })
const campaignPage = shape<Answers.CampaignPage>({ campaigns: "list", next: "string or null" })
const startAnswer = shape<Answers.StartAnswer>({ campaign: "object" })
const pauseAnswer = shape<Answers.PauseAnswer>({
  id: "string",
  status: "string",
  pausedAt: "string or null"
})
const stats = shape<Answers.Stats>({
  campaignId: "string",
  totalEnrolled: "number",
  sent: "number",
  delivered: "number",
  bounced: "number",
  hardBounced: "number",
  replied: "number",
  queued: "number",
  openRate: "number",
  replyRate: "number"
})

const tagged = <Body extends object>({ body, headers }: Answer<Body>): Body & { readonly etag: string } => ({
  ...body,
  etag: headers.get("etag") ?? ""
})

/** Campaigns: drafts, their steps, start and pause, numbers. */
export class Campaigns {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Creates a draft. The call is never sent again. */
  async create(
    body: Requests.CreateCampaign,
    { signal }: Requests.CallOptions = {}
  ): Promise<Answers.LintedCampaign> {
    const call = {
      method: "POST",
      path: "/v1/campaigns",
      body,
      answer: lintedCampaign,
      repeatable: false
    } as const
    return tagged(await this.#transport.send(call, signal))
  }

  /** Returns a page of campaigns, oldest first. */
  async list(
    query: Requests.PageQuery = {},
    { signal }: Requests.CallOptions = {}
  ): Promise<Answers.CampaignPage> {
    const call = {
      method: "GET",
      path: "/v1/campaigns",
      query: { ...query },
      answer: campaignPage,
      repeatable: true
    } as const
    return (await this.#transport.send(call, signal)).body
  }

  /** Yields all campaigns, oldest first. */
  all(options: Requests.AllOptions = {}): AsyncGenerator<Answers.Campaign, void, void> {
    return pages(
      (query, call) => this.list(query, call),
      ({ campaigns }) => campaigns,
      options
    )
  }

  async get(campaignId: string, { signal }: Requests.CallOptions = {}): Promise<Answers.TaggedCampaign> {
    const call = {
      method: "GET",
      path: campaignPath(campaignId),
      answer: taggedCampaign,
      repeatable: true
    } as const
    return tagged(await this.#transport.send(call, signal))
  }

  /** Renames a draft. The call is never sent again: it could undo a change of another caller. */
  async update(
    campaignId: string,
    body: Requests.UpdateCampaign,
    { ifMatch, signal }: Requests.ChangeOptions = {}
  ): Promise<Answers.TaggedCampaign> {
    const headers = { "if-match": ifMatch }
    const call = {
      method: "PATCH",
      path: campaignPath(campaignId),
      headers,
      body,
      answer: taggedCampaign,
      repeatable: false
    } as const
    return tagged(await this.#transport.send(call, signal))
  }

  /**
   * Replaces the steps of a draft, or the copy and delays of a paused campaign. The call is never
   * sent again: it could undo a change of another caller.
   */
  async replaceSteps(
    campaignId: string,
    body: Requests.ReplaceSteps,
    { ifMatch, signal }: Requests.ChangeOptions = {}
  ): Promise<Answers.LintedCampaign> {
    const path = campaignPath(campaignId, "/steps")
    const call = {
      method: "PUT",
      path,
      headers: { "if-match": ifMatch },
      body,
      answer: lintedCampaign,
      repeatable: false
    } as const
    return tagged(await this.#transport.send(call, signal))
  }

  /** Starts a draft or resumes a paused campaign. */
  async start(campaignId: string, { signal }: Requests.CallOptions = {}): Promise<Answers.StartAnswer> {
    const call = {
      method: "POST",
      path: campaignPath(campaignId, "/start"),
      answer: startAnswer,
      repeatable: true
    } as const
    return (await this.#transport.send(call, signal)).body
  }

  async pause(campaignId: string, { signal }: Requests.CallOptions = {}): Promise<Answers.PauseAnswer> {
    const call = {
      method: "POST",
      path: campaignPath(campaignId, "/pause"),
      answer: pauseAnswer,
      repeatable: true
    } as const
    return (await this.#transport.send(call, signal)).body
  }

  /** Returns the numbers of a campaign. */
  async stats(campaignId: string, { signal }: Requests.CallOptions = {}): Promise<Answers.Stats> {
    const call = {
      method: "GET",
      path: campaignPath(campaignId, "/stats"),
      answer: stats,
      repeatable: true
    } as const
    return (await this.#transport.send(call, signal)).body
  }
}
