/** The client against the handlers of `@leadterra/http`, in memory. */
import { describe, expect, it } from "vitest"
import { LeadterraError } from "../src/index.ts"
import { failureOf, startServer, steps } from "./server.ts"

const ava = { email: "ava@acmecorp.com", firstName: "Ava", company: "Acme Corp" }
const marcus = { email: "marcus@buildfast.io", firstName: "Marcus", company: "BuildFast" }

const collect = async <A, B>(loop: AsyncIterable<A>, of: (one: A) => B): Promise<Array<B>> => {
  const collected: Array<B> = []
  for await (const one of loop) collected.push(of(one))
  return collected
}

const startCampaign = async () => {
  const { client } = await startServer()
  const api = client()
  const { campaign } = await api.campaigns.create({ name: "Spring", sequenceSteps: steps })
  return { api, id: campaign.id }
}

describe("calls", () => {
  it("a campaign is created, changed under its revision, filled, started and paused", async () => {
    const { api, id } = await startCampaign()
    const { campaign, etag } = await api.campaigns.get(id)
    expect(campaign).toMatchObject({ id, name: "Spring", status: "draft", startedAt: null })
    const renamed = await api.campaigns.update(id, { name: "Summer" }, { ifMatch: etag })
    expect(renamed.campaign.name).toBe("Summer")
    const late = api.campaigns.replaceSteps(id, { sequenceSteps: steps }, { ifMatch: etag })
    expect(await failureOf(late)).toMatchObject({ status: 412, code: "campaign_changed" })
    const { lints } = await api.campaigns.replaceSteps(
      id,
      { sequenceSteps: steps },
      { ifMatch: renamed.etag }
    )
    expect(lints).toEqual(expect.any(Array))
    const preview = await api.leads.preview(id, { leads: [ava, marcus] })
    const bulk = await api.leads.bulk(id, { leads: [ava, marcus] })
    expect(bulk).toEqual({ ...preview, replayed: false })
    expect(bulk.result).toEqual({ enrolled: 2, updated: 0, skipped: 0, totalInCampaign: 2, failed: 0 })
    expect(await api.campaigns.start(id)).toMatchObject({ campaign: { id, queuedMessages: 2 } })
    expect(await api.campaigns.pause(id)).toMatchObject({ id, status: "paused" })
    expect(await api.campaigns.stats(id)).toMatchObject({ campaignId: id, totalEnrolled: 2, queued: 2 })
  })

  it("a batch under an idempotency key of any characters that headers take lands once", async () => {
    const { api, id } = await startCampaign()
    for (const idempotencyKey of ["batch-1", 'a "quoted" \\ key']) {
      const batch = { leads: [ava], idempotencyKey }
      const first = await api.leads.bulk(id, batch)
      expect(first.replayed).toBe(false)
      expect(await api.leads.bulk(id, batch)).toEqual({ ...first, replayed: true })
      expect(await api.leads.preview(id, batch)).toEqual({ ...first, replayed: true })
      const other = api.leads.bulk(id, { leads: [marcus], idempotencyKey })
      expect(await failureOf(other)).toMatchObject({ status: 422, code: "idempotency_conflict" })
    }
  })

  it("a batch and its preview are refused once the campaign is another", async () => {
    const { api, id } = await startCampaign()
    const { etag } = await api.campaigns.get(id)
    const batch = { leads: [ava] }
    expect((await api.leads.preview(id, batch, { ifMatch: etag })).result.enrolled).toBe(1)
    await api.campaigns.update(id, { name: "Summer" })
    for (const late of [
      api.leads.preview(id, batch, { ifMatch: etag }),
      api.leads.bulk(id, batch, { ifMatch: etag })
    ])
      expect(await failureOf(late)).toMatchObject({ status: 412, code: "campaign_changed" })
  })

  it("leads are found, explained and erased by their address", async () => {
    const { api, id } = await startCampaign()
    await api.leads.bulk(id, { leads: [ava] })
    const by = { email: ava.email }
    const { lead } = await api.leads.lookup(by)
    expect(await api.leads.get(lead.id)).toEqual({ lead })
    expect(lead).toMatchObject({ email: ava.email, company: "Acme Corp", customFields: {} })
    const { enrollment } = await api.leads.enrollment(id, by)
    expect(enrollment).toMatchObject({ campaignId: id, leadId: lead.id, state: "active" })
    expect((await api.leads.explain(id, by)).verdict.reason).toBe("notStarted")
    expect(await api.leads.erase({ emails: [ava.email] })).toMatchObject({ erased: 1 })
    const missing = { status: 404, code: "lead_not_found" }
    expect(await failureOf(api.leads.lookup(by))).toMatchObject(missing)
    expect(await failureOf(api.leads.get(lead.id))).toMatchObject(missing)
  })

  it("addresses are suppressed and checked", async () => {
    const { api } = await startCampaign()
    const added = await api.suppression.add({ emails: [ava.email, "no address"], onInvalid: "report" })
    expect(added).toMatchObject({ result: { suppressed: 1, total: 1 }, invalid: [{ index: 1 }] })
    const { results } = await api.suppression.check({ emails: [ava.email, marcus.email] })
    expect(results.map(({ suppressed }) => suppressed)).toEqual([true, false])
  })

  it("messages are claimed, extended, released and reported", async () => {
    const { api, id } = await startCampaign()
    await api.leads.bulk(id, { leads: [ava, marcus] })
    await api.campaigns.start(id)
    const { messages } = await api.delivery.claim({ leaseSeconds: 60 })
    expect(messages.map(({ html }) => html)).toContain("<p>How is Acme Corp?</p>")
    const refs = messages.map(({ claimToken, messageId }) => ({ claimToken, messageId }))
    const extended = await api.delivery.extend({ messages: refs, leaseSeconds: 600 })
    expect(extended).toMatchObject({ recorded: 2 })
    expect(await api.delivery.release({ messages: refs.slice(1) })).toMatchObject({ recorded: 1 })
    const reports = refs.slice(0, 1).map(({ messageId }) => ({ messageId, type: "sent" as const }))
    expect(await api.delivery.record({ reports })).toMatchObject({ recorded: 1 })
    expect(await api.delivery.record({ reports })).toMatchObject({ repeated: 1 })
  })

  it("events are read on from a cursor", async () => {
    const { api, id } = await startCampaign()
    expect(await api.events.read()).toEqual({ events: [], next: null, more: false })
    await api.leads.bulk(id, { leads: [ava] })
    await api.campaigns.start(id)
    const { events, more, next } = await api.events.read({ limit: 1 })
    expect({ kinds: events.map(({ kind }) => kind), more }).toEqual({ kinds: ["lead.enrolled"], more: true })
    const rest = await api.events.read({ after: next ?? "" })
    expect(rest.events.map(({ kind }) => kind)).toEqual(["campaign.started"])
  })
})

describe("lists", () => {
  it("yield the entries of all pages, and end with the last", async () => {
    const { api, id } = await startCampaign()
    await api.campaigns.create({ name: "Autumn" })
    const emails = Array.from({ length: 7 }, (_, n) => `lead${n}@example.com`)
    await api.leads.bulk(id, { leads: emails.map((email) => ({ email })) })
    await api.suppression.add({ emails: emails.slice(0, 5) })
    const names = await collect(api.campaigns.all({ limit: 1 }), ({ name }) => name)
    expect(names).toEqual(["Spring", "Autumn"])
    for (const all of [
      api.leads.all({ limit: 3 }),
      api.leads.allEnrolled(id, { limit: 2 }),
      api.leads.all()
    ]) {
      expect((await collect(all, ({ email }) => email)).sort()).toEqual(emails)
    }
    const entries = await collect(api.suppression.all({ limit: 2 }), ({ entry }) => entry)
    expect(entries.sort()).toEqual(emails.slice(0, 5))
    expect((await api.leads.list({ limit: 7 })).leads).toHaveLength(7)
    expect((await api.leads.enrolled(id, { limit: 2 })).next).toEqual(expect.any(String))
    expect((await api.suppression.list()).next).toBeNull()
  })

  it("of nothing are empty", async () => {
    const { client } = await startServer()
    expect(await collect(client().leads.all(), ({ id }) => id)).toEqual([])
  })
})

describe("errors", () => {
  it("tell the status, the code, the faults and the request, and no value of the call", async () => {
    const { api, id } = await startCampaign()
    const leads = [ava, { email: "not-an-address" }]
    const error = await failureOf(api.leads.bulk(id, { leads, onInvalid: "reject" }))
    expect(error).toBeInstanceOf(LeadterraError)
    expect(error).toMatchObject({
      name: "LeadterraError",
      status: 422,
      code: "invalid_leads",
      detail: expect.any(String),
      errors: [{ pointer: "/leads/1/email", code: "MissingAt", message: expect.any(String) }],
      errorCount: 1,
      requestId: expect.stringMatching(/^req_/)
    })
    expect(`${error} ${JSON.stringify(error)}`).not.toContain("not-an-address")
  })

  it("of a key that is none and of a campaign that is none are those of the server", async () => {
    const { client } = await startServer()
    const unknown = client({ key: "sk_live_unknown" })
    expect(await failureOf(unknown.campaigns.list())).toMatchObject({
      status: 401,
      code: "authentication_failed"
    })
    const api = client()
    const odd = ["camp_unknown", "a/../b", "a b?c#d", "%2e%2e", "ü"]
    for (const id of odd) {
      expect(await failureOf(api.campaigns.get(id)), id).toMatchObject({ code: "campaign_not_found" })
    }
    const few = await failureOf(api.campaigns.list({ limit: 0 }))
    expect(few).toMatchObject({ status: 400, code: "invalid_request" })
    expect(await failureOf(api.events.follow({ after: "x" }).next())).toMatchObject({
      code: "invalid_request"
    })
  })
})
