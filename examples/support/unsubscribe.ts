/**
 * The answers of an unsubscribe link (RFC 8058), for any server. Scanners and previews open links:
 * only a POST unsubscribes, and a GET shows a page that asks. The link holds a signed token: the id
 * of a message alone must not unsubscribe anybody.
 */
import { type Engine, Unsubscribe } from "@leadterra/core/promise"

/** A status and a page. */
export interface Answer {
  readonly status: 200 | 404 | 405 | 503
  readonly html: string
}

const page = (status: Answer["status"], content: string): Answer => ({
  status,
  html: `<!doctype html><html lang="en"><title>Unsubscribe</title><p>${content}`
})

const notFound = page(404, "This link is not valid: use the one in the message.")

/** Answers a request for a link. The token is what stands in the URL, and may be anything. */
export const answerUnsubscribe = async (
  { delivery }: Engine,
  secret: string,
  method: string,
  token: string
): Promise<Answer> => {
  const messageId = await Unsubscribe.verify({ secret, token }).catch(() => undefined)
  if (messageId === undefined) return notFound
  if (method === "GET" || method === "HEAD") {
    // The form has no action: it posts to the link itself.
    return page(200, `<form method="post">Stop these messages? <button>Unsubscribe</button></form>`)
  }
  if (method !== "POST") return page(405, "Open the link to unsubscribe.")
  const { outcomes } = await delivery.record({ reports: [{ messageId, type: "unsubscribed" }] })
  const [outcome] = outcomes
  if (outcome?.outcome !== "failed") return page(200, "You are unsubscribed.")
  return outcome.retryable ? page(503, "That did not work: try again in a minute.") : notFound
}
