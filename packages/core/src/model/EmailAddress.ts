/**
 * The identity of an address (ID-2), the syntax that is refused (ID-3) and suggestions for it
 * (ID-4): the one function behind storage, dedup, suppression and every look-up. Spellings that
 * differ by outer white space, ASCII case or canonical equivalence, or by the script of the domain,
 * share a key, and a key is its own key. It folds nothing else, never throws, never repairs. Work
 * is linear, and bounded for long input.
 */
import * as Brand from "effect/Brand"
import * as Result from "effect/Result"
import { bringsAscii, composesToAscii, foldAscii, hasMisplacedDot } from "./addressText.ts"
import { type EmailProblem, type EmailReason, refuse } from "./EmailProblem.ts"
import { hasSymbol, misplacement } from "./emailCharacters.ts"
import { parseHost, reservedEndings } from "./emailDomain.ts"
import { holdsSeveral, repairsOf } from "./suggestion.ts"

export type { EmailProblem, EmailReason } from "./EmailProblem.ts"

/** `local@domain`: NFC, ASCII letters in lower case, the domain in ASCII; at most 254 UTF-8 octets (ID-2). */
export type EmailKey = string & Brand.Brand<"EmailKey">

/** An address trimmed, otherwise as it was spelled, and the key that is its identity (ID-2). */
export interface EmailAddress {
  readonly address: string
  readonly key: EmailKey
}

/** UTF-16 code units, after the trim, beyond which an input is refused unread as `TooLong` (ID-3). */
export const maxInputLength = 1_024

const brand = Brand.nominal<EmailKey>()

// Each character has one way to match, so the time is linear. With a `u` flag the `i` would take
// the Kelvin sign for a k. Other addresses are not refused, but take the full parser.
const atoms = "[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
const labels = "[a-z0-9]+(?:[.-][a-z0-9]+)*"
const ordinary = new RegExp(
  `^(?!['\`])${atoms}(?:\\.${atoms})*(?<!['\`])@${labels}\\.(?!(?:${reservedEndings.join("|")})$)[a-z]{2,}$`,
  "i"
)

/** An ordinary ASCII address of so few characters that no part of it can be too long. */
const isOrdinary = (address: string): boolean => address.length <= 64 && ordinary.test(address)

/** Parses one kind of text, or fails with a problem. */
type Parser<In, A> = (input: In) => Result.Result<A, EmailProblem>

const parseBy =
  (parseDomain: Parser<string, string>): Parser<unknown, EmailAddress> =>
  (input) => {
    if (input === undefined || input === null) return refuse("Empty")
    if (typeof input !== "string") return refuse("NotAString")
    const address = input.trim()
    return isOrdinary(address)
      ? Result.succeed({ address, key: brand(address.toLowerCase()) })
      : parseOrSuggest(address, parseDomain)
  }

/**
 * Parses an address of any kind of input (ID-2, ID-3). Fails with an `EmailProblem`, which carries
 * a suggestion where one repair makes a valid address of the input (ID-4), and never throws.
 *
 * @example
 * parse(" Ann+News@Straße.DE ")
 * // { address: "Ann+News@Straße.DE", key: "ann+news@xn--strae-oqa.de" }
 */
export const parse: Parser<unknown, EmailAddress> = parseBy(parseHost)

/** Domains that one parser of a batch keeps; beyond, further ones are parsed each time. */
const maxKnownDomains = 10_000

/** Makes a `parse` for one batch, which reads each distinct domain outside ASCII once. */
export const makeParser = (): Parser<unknown, EmailAddress> => {
  const known = new Map<string, Result.Result<string, EmailProblem>>()
  return parseBy((domain) => {
    const found = known.get(domain)
    if (found !== undefined) return found
    const parsed = parseHost(domain)
    if (known.size < maxKnownDomains) known.set(domain, parsed)
    return parsed
  })
}

/**
 * `parse` of trimmed text, without the short cut for ordinary ASCII addresses: the same results, by the whole of
 * ID-2 and ID-3.
 *
 * @internal
 */
export const parseCarefully: Parser<string, EmailAddress> = (address) => parseOrSuggest(address, parseHost)

const parseOrSuggest = (
  address: string,
  parseDomain: Parser<string, string>
): Result.Result<EmailAddress, EmailProblem> => {
  const parsed = parseParts(address, parseDomain)
  if (Result.isSuccess(parsed) || withoutSuggestion.has(parsed.failure.reason)) return parsed
  for (const repaired of repairsOf(address)) {
    const repair = parseParts(repaired.trim(), parseDomain)
    if (Result.isSuccess(repair)) {
      return Result.fail({ ...parsed.failure, suggestion: repair.success.address })
    }
  }
  return parsed
}

const withoutSuggestion: ReadonlySet<EmailReason> = new Set(["TooLong", "IllFormed", "SeveralAddresses"])

const parseParts = (
  address: string,
  parseDomain: Parser<string, string>
): Result.Result<EmailAddress, EmailProblem> => {
  if (address === "") return refuse("Empty")
  const reason = faultOfText(address)
  if (reason !== undefined) return refuse(reason)
  const at = address.indexOf("@")
  if (at === -1) return refuse("MissingAt")
  if (address.includes("@", at + 1)) return refuse("SeveralAts")
  const local = foldAscii(address.slice(0, at))
  const fault = faultOfLocal(address.slice(0, at), local)
  if (fault !== undefined) return refuse(fault)
  const domain = parseDomain(address.slice(at + 1))
  if (Result.isFailure(domain)) return Result.fail(domain.failure)
  const key = `${local}@${domain.success}`
  return isLonger(key, 254) ? refuse("TooLong") : Result.succeed({ address, key: brand(key) })
}

/**
 * Parses a domain, such as the `acme.com` of a suppression entry `@acme.com`, by the rules for the domain of an
 * address (ID-2, ID-3) into lower-case ASCII. It does not trim: `a@ acme.com` is no address either.
 */
export const parseDomain = (input: string): Result.Result<string, EmailProblem> => {
  const reason = faultOfText(`a@${input}`)
  if (reason !== undefined) return refuse(reason)
  return input.includes("@") ? refuse("SeveralAts") : parseHost(input)
}

/** The domain of a key, in lower-case ASCII (ID-2). */
export const domainOf = (key: EmailKey): string => key.slice(key.indexOf("@") + 1)

/** Faults in any part. A syntax that misleads mailers is reported before its characters. */
const faultOfText = (text: string): EmailReason | undefined => {
  if (text.length > maxInputLength) return "TooLong"
  if (!text.isWellFormed()) return "IllFormed"
  if (holdsSeveral(text)) return "SeveralAddresses"
  if (text.startsWith('"')) return "QuotedLocalPart"
  if (/[()]/.test(text)) return "Comment"
  if (/@\[/.test(text)) return "AddressLiteral"
  if (/[\s\p{Z}]/u.test(text)) return "WhiteSpace"
  if (/\p{Cc}/u.test(text)) return "ControlCharacter"
  // Joiners are part of some scripts' spelling, and are judged by their place.
  if (/(?![\u200c\u200d])[\p{Cf}\p{DI}]/u.test(text)) return "FormatCharacter"
  return undefined
}

const faultOfLocal = (spelled: string, local: string): EmailReason | undefined => {
  if (local === "") return "EmptyLocalPart"
  if (hasMisplacedDot(local)) return "MisplacedDot"
  if (composesToAscii(spelled)) return "LookalikeCharacter"
  if (isLonger(local, 64)) return "LocalPartTooLong"
  if (/[\0-\x7f]/.test(local.replace(/[a-z0-9.!#$%&'*+/=?^_`{|}~-]/g, ""))) return "InvalidCharacter"
  if (/^['`]|['`]$/.test(local)) return "QuoteAtEnd"
  if (hasSymbol(local)) return "Symbol"
  if (bringsAscii(local, (it) => it.normalize("NFKC"))) return "LookalikeCharacter"
  return misplacement(local)
}

const encoder = new TextEncoder()

/** Whether a text has more octets in UTF-8, which takes one to three for a code unit. */
const isLonger = (text: string, octets: number): boolean =>
  text.length > octets || (text.length * 3 > octets && encoder.encode(text).length > octets)
