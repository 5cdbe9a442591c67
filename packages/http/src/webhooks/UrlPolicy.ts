/**
 * The urls that webhooks are sent to: https, to unicast addresses of the public internet, on port 443
 * or one from 1024 on. The operator of a server may allow more; a caller may not.
 */
import { isPublicAddress, parseAddress, parseRange } from "./publicAddress.ts"
import { maxUrlBytes } from "./Webhook.ts"

export interface UrlPolicy {
  /** Returns what is wrong with a url and what to do, or undefined. It looks no name up. */
  readonly faultOf: (url: string) => string | undefined
  /** Whether the operator allowed this url with whatever address it has. */
  readonly allowsOrigin: (url: URL) => boolean
  /** Whether an address may be connected to. */
  readonly allowsAddress: (address: string) => boolean
}

/** The lowest port but 443: those below belong to services that are no receivers. */
const lowestPort = 1_024

/** Text that a url may have: characters beyond are written with escapes, or as punycode. */
const visibleAscii = /^[\x21-\x7e]+$/

/**
 * The scheme and the slashes of a url as they are sent. A `URL` repairs others: it reads `https:a.com`
 * and `https:\\\\a.com` as `https://a.com/`.
 */
const plainUrl = /^[a-z]+:\/\/[^/\\?]+(?:\/[^\\?]*)?(?:\?.*)?$/

/** The name or address of a url, without the brackets of IPv6. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, "$1")

const originIn = (text: string): string | undefined => {
  const url = /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined
  const isBare =
    url !== undefined &&
    url.pathname === "/" &&
    url.search === "" &&
    url.hash === "" &&
    url.username === "" &&
    url.password === ""
  return isBare ? url.origin : undefined
}

/**
 * Makes a policy with the exceptions of an operator: addresses and ranges (`10.1.2.3`, `10.0.0.0/8`),
 * and origins (`http://127.0.0.1:9000`) that are used as they are. Throws a `TypeError` for another
 * text.
 */
export const urlPolicy = (allow: ReadonlyArray<string> = []): UrlPolicy => {
  const origins = new Set<string>()
  const ranges = allow.flatMap((text) => {
    const origin = originIn(text)
    if (origin !== undefined) {
      origins.add(origin)
      return []
    }
    const range = parseRange(text)
    if (range === undefined)
      throw new TypeError(
        "an exception for webhooks must be an address, a range such as 10.0.0.0/8, or an origin such as http://127.0.0.1:9000"
      )
    return [range]
  })
  const allowsAddress = (address: string): boolean =>
    isPublicAddress(address) || ranges.some((range) => range.contains(address))
  const allowsOrigin = ({ origin }: URL): boolean => origins.has(origin)

  return {
    allowsAddress,
    allowsOrigin,
    faultOf: (text) => {
      if (text.length > maxUrlBytes) return `the url has more than ${maxUrlBytes} bytes: use a shorter one`
      if (!visibleAscii.test(text))
        return "the url has characters that are not visible ASCII: escape them, and write the host as punycode"
      if (!URL.canParse(text)) return "the url is malformed: give one such as https://example.com/webhooks"
      const url = new URL(text)
      if (!plainUrl.test(text))
        return "the url must begin with https:// and a host, and have no backslash before its query"
      if (url.username !== "" || url.password !== "")
        return "the url has a user or a password: leave them out, and check the signature instead"
      if (text.includes("#")) return "the url has a fragment: leave it out"
      if (allowsOrigin(url)) return undefined
      if (url.protocol !== "https:") return "the url must begin with https://"
      if (url.port !== "" && Number(url.port) < lowestPort)
        return `the port of the url is reserved: use 443 or one from ${lowestPort} on`
      const host = hostOf(url)
      if (parseAddress(host) !== undefined && !allowsAddress(host))
        return "the address of the url is not public: use one that the internet reaches"
      return undefined
    }
  }
}
