/**
 * An ordinary web service, with Hono, on one SQLite file. It knows nothing of Effect.
 *
 *     UNSUBSCRIBE_SECRET=$(openssl rand -hex 32) PORT=3000 node examples/web-service.ts
 *     curl -X POST localhost:3000/acme/campaigns -d '{"name":"Spring","steps":[{"subject":"Hi","bodyHtml":"<p>Hi</p>"}]}'
 *     curl -X POST localhost:3000/acme/campaigns/<id>/leads -d '[{"email":"ava@acmecorp.com"}]'
 *     curl -X POST localhost:3000/acme/campaigns/<id>/start
 *
 * The workspace stands in the path here; a real service takes it from whoever has signed in.
 */

import { randomBytes } from "node:crypto"
import { serve } from "@hono/node-server"
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import { open } from "@leadterra/core/promise"
import { Hono } from "hono"
import { bodyLimit } from "hono/body-limit"
import type { ContentfulStatusCode } from "hono/utils/http-status"
import { answerUnsubscribe } from "./support/unsubscribe.ts"

const engine = await open(SqliteRepository.layer({ filename: "web-service.db" }))
const app = new Hono()

/** Without one in the environment, links end with the process. */
const secret = process.env["UNSUBSCRIBE_SECRET"] ?? randomBytes(32).toString("hex")

app.use(bodyLimit({ maxSize: 32 * 1024 * 1024 }))

app.post("/:workspaceId/campaigns", async ({ json, req }) =>
  json(await engine.campaigns.create({ ...(await req.json()), ...req.param() }), 201)
)

app.get("/:workspaceId/campaigns/:campaignId", async ({ json, req }) =>
  json(await engine.campaigns.get(req.param()))
)

app.post("/:workspaceId/campaigns/:campaignId/leads", async ({ json, req }) => {
  // A client that goes away ends the call: all of the batch has landed, or none of it. With a key it may ask again, and gets the
  // answer that it missed.
  const { signal } = req.raw
  const batch = { ...req.param(), leads: await req.json(), idempotencyKey: req.header("idempotency-key") }
  return json(await engine.leads.bulkUpsert(batch, { signal }))
})

app.post("/:workspaceId/campaigns/:campaignId/start", async ({ json, req }) =>
  json(await engine.campaigns.start(req.param()))
)

app.post("/:workspaceId/suppressions", async ({ json, req }) =>
  json(await engine.suppression.add({ ...(await req.json()), ...req.param() }))
)

/** The links in messages, for their recipients. The sender signs them with the same secret. */
app.on(["GET", "POST"], "/unsubscribe/:token", async ({ html, req }) => {
  const answer = await answerUnsubscribe(engine, secret, req.method, req.param("token"))
  return html(answer.html, answer.status)
})

/** What went wrong, as HTTP says it. Messages of these errors hold no field of a lead, so they may go out. */
const statusOf: Readonly<Record<string, ContentfulStatusCode>> = {
  CampaignNotFound: 404,
  NoSequenceSteps: 409,
  NoLeadsEnrolled: 409,
  IdempotencyConflict: 409,
  InvalidRequest: 422,
  InvalidSuppressionEntries: 422,
  BatchTooLarge: 413,
  RepositoryError: 503
}

app.onError((error, { json }) => {
  if (error instanceof SyntaxError) return json({ error: "BadJson" }, 400)
  const tag = "_tag" in error ? String(error._tag) : error.name
  const status = statusOf[tag]
  if (status === undefined) {
    console.error(error)
    return json({ error: "Internal" }, 500)
  }
  return json(
    { error: tag, message: error.message, ...("issues" in error && { issues: error.issues }) },
    status
  )
})

const server = serve({ fetch: app.fetch, port: Number(process.env["PORT"] ?? 3000) }, ({ port }) =>
  console.log(`listening on http://localhost:${port}`)
)

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => server.close(() => void engine.close()))
}
