/**
 * Sends webhooks by `node:https`. A name is resolved once, every address is checked, and the
 * connection is made to one of the checked addresses, so that a name cannot lead elsewhere between
 * the check and the connection.
 */
import { lookup as lookupOfSystem, Resolver } from "node:dns"
import { request as requestByHttp } from "node:http"
import { request as requestByHttps } from "node:https"
import { isIP, isIPv6, type LookupFunction } from "node:net"
import type { SendWebhook, WebhookAnswer } from "../webhooks/SendWebhook.ts"
import { hostOf, urlPolicy } from "../webhooks/UrlPolicy.ts"

export interface WebhookSenderOptions {
  /**
   * Exceptions of the operator: addresses and ranges (`10.0.0.0/8`), and origins
   * (`http://127.0.0.1:9000`).
   */
  readonly allow?: ReadonlyArray<string> | undefined
  /** Certificates in PEM that are trusted in place of those of Node. */
  readonly ca?: string | ReadonlyArray<string> | undefined
  /** Resolves a name to addresses; by default by DNS. */
  readonly resolve?: ((name: string, signal: AbortSignal) => Promise<ReadonlyArray<string>>) | undefined
}

/** Bytes of the headers of an answer, and informational answers before it. */
const maxHeaderBytes = 16_384
const maxInformational = 8

/** Milliseconds of one query to a DNS server, and queries of one name. */
const queryMillis = 2_000
const queries = 2

/**
 * Resolves a name by queries of its own. `getaddrinfo` of the system would keep a thread of Node for
 * as long as a DNS server does not answer, and Node has four.
 */
const resolveByDns = async (name: string, signal: AbortSignal): Promise<ReadonlyArray<string>> => {
  const resolver = new Resolver({ timeout: queryMillis, tries: queries })
  const cancel = () => resolver.cancel()
  signal.addEventListener("abort", cancel)
  const ask = (method: "resolve4" | "resolve6") =>
    new Promise<ReadonlyArray<string>>((resolve) =>
      resolver[method](name, (error, addresses) => resolve(error === null ? addresses : []))
    )
  try {
    const [v4, v6] = await Promise.all([ask("resolve4"), ask("resolve6")])
    return [...v4, ...v6]
  } finally {
    signal.removeEventListener("abort", cancel)
  }
}

/** Resolves a name as the system does, its file of hosts included. */
const resolveBySystem = (name: string): Promise<ReadonlyArray<string>> =>
  new Promise((resolve) =>
    lookupOfSystem(name, { all: true }, (error, found) =>
      resolve(error === null ? found.map(({ address }) => address) : [])
    )
  )

/** Answers every look-up of a connection with the same addresses. */
const lookupOf = (addresses: ReadonlyArray<string>): LookupFunction => {
  const found = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }))
  return (_, { all }, callback) => {
    const [first] = found
    if (first === undefined) callback(new Error("there is no address"), [])
    else if (all === true) callback(null, found)
    else callback(null, first.address, first.family)
  }
}

/** Makes the function that sends webhooks. Throws a `TypeError` for an exception that is malformed. */
export const makeWebhookSender = ({
  allow,
  ca,
  resolve = resolveByDns
}: WebhookSenderOptions = {}): SendWebhook => {
  const policy = urlPolicy(allow)
  return async ({ body, headers, url: text }, signal) => {
    if (policy.faultOf(text) !== undefined) return { kind: "address_refused" }
    const url = new URL(text)
    const host = hostOf(url)
    const isTrusted = policy.allowsOrigin(url)
    const resolved = isTrusted ? resolveBySystem(host) : resolve(host, signal)
    const addresses = isIP(host) === 0 ? await resolved : [host]
    if (addresses.length === 0) return { kind: "not_resolved" }
    // One address that is not public is enough: a name that mixes them is not meant well.
    if (!isTrusted && !addresses.every(policy.allowsAddress)) return { kind: "address_refused" }
    return exchange(url, { addresses, body, ca, headers, signal })
  }
}

interface Exchange {
  readonly addresses: ReadonlyArray<string>
  readonly body: string
  readonly ca: string | ReadonlyArray<string> | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/** Sends the request, and returns with the status line and the headers of the answer. */
const exchange = (url: URL, { addresses, body, ca, headers, signal }: Exchange): Promise<WebhookAnswer> =>
  new Promise((resolve) => {
    const bytes = Buffer.from(body)
    const request = url.protocol === "https:" ? requestByHttps : requestByHttp
    const outgoing = request(url, {
      method: "POST",
      headers: { ...headers, "content-length": bytes.length },
      // A connection of its own, which closes with the answer.
      agent: false,
      lookup: lookupOf(addresses),
      maxHeaderSize: maxHeaderBytes,
      rejectUnauthorized: true,
      signal,
      ...(ca === undefined ? {} : { ca: typeof ca === "string" ? ca : [...ca] })
    })
    let informational = 0
    outgoing.on("information", () => {
      if (++informational > maxInformational) outgoing.destroy()
    })
    outgoing.on("response", (incoming) => {
      incoming.on("error", () => {})
      const { headers, statusCode = 0 } = incoming
      resolve({ kind: "answered", status: statusCode, retryAfter: headers["retry-after"] })
      outgoing.destroy()
    })
    outgoing.on("error", () => resolve({ kind: "connection_failed" }))
    outgoing.on("close", () => resolve({ kind: "connection_failed" }))
    outgoing.end(bytes)
  })
