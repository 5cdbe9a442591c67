/**
 * Checks a url before the driver reads it. The driver ignores settings that it does not know, reads
 * the last of several, prefers those of the query to the parts before it, and fails in the middle of
 * connecting by a port that is out of range. No message quotes a part of the url: a password that is
 * not percent-encoded may be anywhere in it.
 */
import { cannotOpen } from "./failure.ts"

/** Settings that decide over encryption. The driver silently prefers them to `tls`. */
export const encryptionSettings = ["ssl", "sslmode", "sslcert", "sslkey", "sslrootcert", "sslnegotiation"]

const settings: ReadonlyArray<string> = [
  "host",
  "port",
  "user",
  "password",
  "options",
  "application_name",
  "statement_timeout",
  "lock_timeout",
  ...encryptionSettings,
  "uselibpqcompat"
]

/** The values of settings that have few. The driver takes any other for one of these. */
const values = new Map<string, ReadonlyArray<string>>([
  ["ssl", ["true", "1", "0", "no-verify"]],
  ["sslmode", ["disable", "prefer", "require", "verify-ca", "verify-full", "no-verify"]],
  ["sslnegotiation", ["postgres", "direct"]],
  ["uselibpqcompat", ["true"]]
])

/** Returns the settings of the url's query. Throws `CannotOpen`. */
export const checkUrl = (url: string): ReadonlyMap<string, string> => {
  const parsed = parse(url)
  const given = new Map<string, string>()
  for (const [name, value] of parsed.searchParams) {
    if (!settings.includes(name))
      throw cannotOpen(`the url has an unknown setting: take it out, the settings are ${settings.join(", ")}`)
    if (given.has(name)) throw cannotOpen(`the url has ${name} twice: give it once`)
    if (value === "") throw cannotOpen(`${name} of the url is empty: give a value, or take it out`)
    const allowed = values.get(name)
    if (allowed?.includes(value) === false)
      throw cannotOpen(`${name} of the url is unknown: give one of ${allowed.join(", ")}`)
    given.set(name, value)
  }
  if (given.has("ssl") && given.has("sslmode"))
    throw cannotOpen("ssl and sslmode of the url may contradict each other: give only one")
  checkPort(given.get("port") ?? (parsed.port || process.env["PGPORT"]))
  for (const [name, value] of authorityOf(parsed))
    if (given.has(name) && !isSame(name, value, given.get(name)))
      throw cannotOpen(`${name} of the url is given before and after the question mark: give it once`)
  return given
}

/** The settings that stand before the path. The driver silently prefers those of the query. */
const authorityOf = ({ hostname, password, port, username }: URL): ReadonlyArray<[string, string]> => {
  const parts: ReadonlyArray<[string, string]> = [
    ["host", hostname === standIn ? "" : hostname.replace(/^\[(.+)\]$/, "$1")],
    ["port", port],
    ["user", username],
    ["password", password]
  ]
  return parts.flatMap(([name, text]) => (text === "" ? [] : [[name, decodeURIComponent(text)]]))
}

const isSame = (name: string, value: string, other: string | undefined): boolean => {
  if (name === "port") return Number(value) === Number(other)
  // The driver takes a socket's path before the query for a part of the database's name.
  if (name === "host" && value.startsWith("/")) return false
  return value === other
}

/** Stands for the host of a url that names a user and no host. */
const standIn = "none.invalid"

const parse = (url: string): URL => {
  // A URL drops white space and a fragment, and the driver guesses at an incomplete escape.
  const isWhole = !/[\s\p{Cc}#]|%(?![\da-f]{2})|%[01][\da-f]|%7f/iu.test(url)
  // Without a host the url is one to the driver, but none to Node where it names a user.
  const parsed = isWhole ? (URL.parse(url) ?? URL.parse(url.replace("@/", `@${standIn}/`))) : null
  if (parsed === null || !isText(url))
    throw cannotOpen("the url is malformed: percent-encode what its parts hold, such as a password")
  return parsed
}

/** Whether the escapes stand for text in UTF-8. */
const isText = (url: string): boolean => {
  try {
    return decodeURIComponent(url) !== ""
  } catch {
    return false
  }
}

const checkPort = (port: string | undefined): void => {
  if (port === undefined || port === "") return
  const isPort = /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535
  if (!isPort) throw cannotOpen("the port is invalid: give a number from 1 to 65535")
}
