/**
 * A worker that sends: it claims what is due, hands each message to a mail server over SMTP, and records what became of it.
 * Kill it at any line and start it again: nobody is forgotten, no step is recorded twice, and what was under way goes out
 * again under the same id.
 *
 *     node examples/send-loop.ts
 *
 * Its mail server is a sink on a port of its own, in this process, which takes mail and keeps it. `SMTP_URL` names another.
 * `LEADTERRA_DB=postgres://..` puts it on a server: there, start as many of it as you like.
 */
import { randomBytes } from "node:crypto"
import { createServer } from "node:http"
import { PostgresRepository } from "@leadterra/adapter-postgres"
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import type { Delivery } from "@leadterra/core"
import { open, Unsubscribe } from "@leadterra/core/promise"
import { createTransport } from "nodemailer"
import { startSink } from "./support/smtp-sink.ts"
import { type Answer, answerUnsubscribe } from "./support/unsubscribe.ts"

const workspaceId = "acme"
const people = ["ava", "bo", "cleo", "dan", "eve", "gone"].map((name) => ({
  email: `${name}@example.com`,
  firstName: name[0]?.toUpperCase() + name.slice(1)
}))
const steps = [
  { subject: "Hello {{firstName}}", bodyHtml: "<p>Have you got a minute, {{firstName}}?</p>" },
  { subject: "Once more, {{firstName}}", bodyHtml: "<p>Just making sure that you saw it.</p>" },
  { subject: "The last one", bodyHtml: "<p>Good-bye, {{firstName}}.</p>" }
]

const url = process.env["LEADTERRA_DB"]
const store =
  url === undefined ? SqliteRepository.layer({ filename: "send-loop.db" }) : PostgresRepository.layer({ url })
const engine = await open(store)
const sink = process.env["SMTP_URL"] === undefined ? await startSink() : undefined
const mail = createTransport(process.env["SMTP_URL"] ?? sink?.url ?? "")

/**
 * A service has it in its configuration: links signed with a random one are invalid after a
 * restart.
 */
const secret = process.env["UNSUBSCRIBE_SECRET"] ?? randomBytes(32).toString("hex")

const unavailable: Answer = { status: 503, html: "Try again in a minute." }

/**
 * RFC 8058: mail clients post to this address when their user presses "unsubscribe". Any URL and
 * any body may come.
 */
const unsubscribe = createServer(async (request, response) => {
  const { method = "", url = "" } = request
  // The body says nothing that the link does not: it is read away.
  request.resume()
  const token = url.startsWith("/unsubscribe/") ? url.slice("/unsubscribe/".length) : ""
  const { html, status } = await answerUnsubscribe(engine, secret, method, token).catch(() => unavailable)
  response.writeHead(status, { "content-type": "text/html; charset=utf-8" }).end(html)
})
await new Promise<void>((listening) => unsubscribe.listen(0, "127.0.0.1", listening))
const address = unsubscribe.address()
const origin = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`

/** Sends one message and says what became of it. Whatever else goes wrong, the message is tried again later. */
const send = async (message: Delivery.ClaimedMessage): Promise<Delivery.Report> => {
  const { claimToken, html, messageId, subject, to } = message
  try {
    const token = await Unsubscribe.sign({ secret, messageId })
    await mail.sendMail({
      from: "Acme <hello@acme.example>",
      to,
      subject,
      html,
      // The same over all attempts: by it a provider knows a message that it has already taken.
      messageId: `<${messageId}@acme.example>`,
      headers: {
        "List-Unsubscribe": `<${origin}/unsubscribe/${token}>`,
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"
      }
    })
    return { messageId, type: "sent" }
  } catch (error) {
    const { response = "", responseCode = 0 } = error as { response?: string; responseCode?: number }
    // The provider has taken this id before, with another body: the lead was updated in between. It has gone out.
    if (response.includes("same id, other body")) return { messageId, type: "sent" }
    if (responseCode >= 500) return { messageId, type: "bounced" }
    return { messageId, type: "failed", claimToken, retryAfterSeconds: 1 }
  }
}

const campaignNamed = async (name: string) => {
  const { items } = await engine.campaigns.list({ workspaceId })
  return (
    items.find((campaign) => campaign.name === name) ?? engine.campaigns.create({ workspaceId, name, steps })
  )
}

const { id: campaignId } = await campaignNamed("Spring")
const ref = { workspaceId, campaignId }
await engine.leads.bulkUpsert({ ...ref, leads: people })
await engine.campaigns.start(ref)

let stopping = false
process.once("SIGTERM", () => {
  stopping = true
})
while (!stopping) {
  const claimed = await engine.delivery.claim({ workspaceId, limit: 10, leaseSeconds: 2 })
  const reports = await Promise.all(claimed.map(send))
  await engine.delivery.record({ workspaceId, reports })
  const { queued } = await engine.campaigns.stats(ref)
  if (queued === 0) break
  if (claimed.length === 0) await new Promise((resolve) => setTimeout(resolve, 100))
}

for (const { email, firstName } of people) {
  const { messages, summary } = await engine.leads.explain({ ...ref, email })
  const sent = messages.filter(({ sentAt }) => sentAt !== null).length
  console.log(`${firstName.padEnd(5)} ${sent} of ${steps.length} sent. ${summary}`)
}
console.log(await engine.campaigns.stats(ref))
unsubscribe.close()
mail.close()
await sink?.stop()
await engine.close()
