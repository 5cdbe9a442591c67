/** A worker that calls the server of its request's query, and answers what came of it. */
import { connect, LeadterraError } from "../../src/index.ts"

const failureOf = (error: unknown) =>
  error instanceof LeadterraError ? { code: error.code, status: error.status } : String(error)

const calls = async (url: string, key: string) => {
  const api = connect({ url, key })
  const steps = [{ subject: "Hi {{firstName}}", bodyHtml: "<p>How is {{company}}?</p>" }]
  const { campaign } = await api.campaigns.create({ name: "Spring", sequenceSteps: steps })
  const leads = [{ email: "ava@acmecorp.com" }, { email: "no address" }]
  const { result } = await api.leads.bulk(campaign.id, { leads, idempotencyKey: "batch-1" })
  const unknown = await api.campaigns.get("camp_unknown").catch(failureOf)
  const kinds: Array<string> = []
  for await (const { kind } of api.events.follow()) {
    kinds.push(kind)
    if (kind === "campaign.started") break
    await api.campaigns.start(campaign.id)
  }
  return { result, unknown, kinds }
}

export default {
  fetch: async (request: Request): Promise<Response> => {
    const { searchParams } = new URL(request.url)
    try {
      return Response.json(await calls(searchParams.get("url") ?? "", searchParams.get("key") ?? ""))
    } catch (error) {
      return new Response(error instanceof Error ? error.stack : String(error), { status: 500 })
    }
  }
}
