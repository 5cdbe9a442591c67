/**
 * Unsubscribe links (RFC 8058): a claim hands out the link of each message with the headers to send,
 * and the server answers it. Scanners and previews open links, so a `GET` shows a page that asks, and
 * a `POST` acts. The link holds a signed token (UN-1), and its base is the host's own: `Host` is a
 * header that anybody may send.
 */
import { type Engine, Unsubscribe } from "@leadterra/core/promise"

/** The link of one message, and the headers that go into its mail. */
export interface UnsubscribeLink {
  readonly url: string
  readonly headers: {
    readonly "List-Unsubscribe": string
    readonly "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"
  }
}

export interface UnsubscribeLinks {
  /** Returns the links of messages, in their order. */
  readonly linksOf: (messageIds: ReadonlyArray<string>) => Promise<ReadonlyArray<UnsubscribeLink>>
}

const prefix = "/u/"

/** The pattern of their paths, for logs: a token is a permission. */
export const linkPattern = `${prefix}:token`

/** Whether a path is one of a link. */
export const isLinkPath = (path: string): boolean => path.startsWith(prefix)

/** The base of links, without a slash at its end. Throws for a url that links cannot begin with. */
export const baseOf = (publicUrl: string): string => {
  const url = URL.canParse(publicUrl) ? new URL(publicUrl) : undefined
  const isLocal = url !== undefined && ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname)
  const isFit =
    url !== undefined &&
    (url.protocol === "https:" || (url.protocol === "http:" && isLocal)) &&
    url.username === "" &&
    url.password === "" &&
    url.search === "" &&
    url.hash === ""
  if (!isFit)
    throw new TypeError("the public url must begin with https:// and have no name, query or fragment")
  return url.href.replace(/\/+$/, "")
}

/** The secrets of links: the first signs, and each verifies. */
type Secrets = () => Promise<ReadonlyArray<string>>

/** Makes links under a base. */
export const makeLinks = (base: string, secrets: Secrets): UnsubscribeLinks => ({
  linksOf: async (messageIds) => {
    const secret = await secrets()
    const linkOf = async (messageId: string): Promise<UnsubscribeLink> => {
      const url = `${base}${prefix}${await Unsubscribe.sign({ secret, messageId })}`
      return {
        url,
        headers: { "List-Unsubscribe": `<${url}>`, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" }
      }
    }
    return Promise.all(messageIds.map(linkOf))
  }
})

const page = (status: number, content: string): Response =>
  new Response(`<!doctype html><html lang="en"><title>Unsubscribe</title><p>${content}</p></html>\n`, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
      "referrer-policy": "no-referrer",
      "x-robots-tag": "noindex"
    }
  })

const notFound = () => page(404, "This link is not valid: use the one in the message.")

/** Answers a request for a link. Its body is not read: the token says everything. */
export const answerLink = async (engine: Engine, secrets: Secrets, request: Request): Promise<Response> => {
  await request.body?.cancel()
  const token = new URL(request.url).pathname.slice(prefix.length)
  const secret = await secrets()
  const messageId = await Unsubscribe.verify({ secret, token }).catch(() => undefined)
  if (messageId === undefined) return notFound()
  if (request.method === "GET" || request.method === "HEAD") {
    // The form has no action: it posts to the link itself.
    return page(200, `<form method="post">Stop these messages? <button>Unsubscribe</button></form>`)
  }
  if (request.method !== "POST") return page(405, "Open the link to unsubscribe.")
  const { outcomes } = await engine.delivery.record({ reports: [{ messageId, type: "unsubscribed" }] })
  const [outcome] = outcomes
  if (outcome?.outcome !== "failed") return page(200, "You are unsubscribed.")
  return outcome.retryable ? page(503, "That did not work: try again in a minute.") : notFound()
}
