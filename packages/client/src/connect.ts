/** Opens the API of a server. */
import { Campaigns } from "./campaigns.ts"
import { Delivery } from "./delivery.ts"
import { Events } from "./events.ts"
import { Imports } from "./imports.ts"
import { invalidArgument } from "./LeadterraError.ts"
import { Leads } from "./leads.ts"
import { SuppressionList } from "./suppression.ts"
import { systemTiming, type Timing } from "./Timing.ts"
import { Transport } from "./Transport.ts"
import { TestClock } from "./testClock.ts"
import { Webhooks } from "./webhooks.ts"

export interface ClientOptions {
  /** The address of the server, such as `https://leads.example.com`. Calls add `/v1/...` to it. */
  readonly url: string
  /** An API key, `sk_live_...` or `sk_test_...`. It names the workspace of all calls. */
  readonly key: string
  /** Sends requests; by default the `fetch` of the platform. */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined
  /** Times that a call is sent again, at most; by default 3. */
  readonly retries?: number | undefined
  /** Milliseconds of all waits of a call between its attempts, at most; by default 60,000. */
  readonly maxWaitMillis?: number | undefined
  /** Milliseconds of one attempt, with the answer read to its end; by default 60,000. */
  readonly timeoutMillis?: number | undefined
}

export interface LeadterraClient {
  readonly campaigns: Campaigns
  readonly leads: Leads
  readonly imports: Imports
  readonly suppression: SuppressionList
  readonly delivery: Delivery
  readonly events: Events
  readonly testClock: TestClock
  readonly webhooks: Webhooks
}

/**
 * Returns a client, which opens no connection before the first call. Throws a `LeadterraError` for
 * invalid options.
 */
export const connect = (options: ClientOptions): LeadterraClient => connectWith(systemTiming, options)

/** `connect` under another time. */
export const connectWith = (
  timing: Timing,
  { fetch = (request) => globalThis.fetch(request), key, url, ...limits }: ClientOptions
): LeadterraClient => {
  const transport = new Transport({
    url: baseOf(url),
    key: checkedKey(key),
    fetch,
    retries: countOf("retries", limits.retries ?? 3, 0),
    maxWaitMillis: countOf("maxWaitMillis", limits.maxWaitMillis ?? 60_000, 0),
    timeoutMillis: countOf("timeoutMillis", limits.timeoutMillis ?? 60_000, 1),
    timing
  })
  return {
    campaigns: new Campaigns(transport),
    leads: new Leads(transport),
    imports: new Imports(transport),
    suppression: new SuppressionList(transport),
    delivery: new Delivery(transport),
    events: new Events(transport),
    testClock: new TestClock(transport),
    webhooks: new Webhooks(transport)
  }
}

/** The longest time that timers of all platforms take. */
const longest = 2 ** 31 - 1

const countOf = (name: string, value: number, least: number): number => {
  if (Number.isInteger(value) && value >= least && value <= longest) return value
  throw invalidArgument(`${name} is no whole number from ${least} to ${longest}: give one`)
}

/** No message repeats the url, which could hold a password. */
const baseOf = (text: string): string => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !["http:", "https:"].includes(url.protocol))
    throw invalidArgument("the url is no address of a server: begin it with https:// or http://")
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
    throw invalidArgument(
      "the url has a user, a query or a fragment: leave them out, and give the key as `key`"
    )
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`
}

/** An error of `Headers` would repeat the key. */
const checkedKey = (key: string): string => {
  if (typeof key === "string" && /^[\x21-\x7e]+$/.test(key)) return key
  throw invalidArgument("the key is empty or has characters of no key: give it without spaces and line ends")
}
