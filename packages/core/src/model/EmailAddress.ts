/// <reference path="./tr46.d.ts" />
/**
 * The identity of an address (ID-2) and the syntax that is refused (ID-3): the one function behind storage,
 * dedup, suppression and every look-up. Spellings that differ by outer white space, ASCII case or canonical
 * equivalence, or by the script of the domain, share a key, and a key is its own key. It folds nothing else,
 * never throws, never repairs, and no problem quotes the address. Work is linear, and bounded for long input.
 */
import * as Brand from "effect/Brand"
import * as Result from "effect/Result"
import tr46 from "tr46"

/** `local@domain`: NFC, ASCII letters in lower case, the domain in ASCII; at most 254 UTF-8 octets (ID-2). */
export type EmailKey = string & Brand.Brand<"EmailKey">

/** An address trimmed, otherwise as it was spelled, and the key that is its identity (ID-2). */
export interface EmailAddress {
  readonly address: string
  readonly key: EmailKey
}

/** UTF-16 code units, after the trim, beyond which an input is refused unread as `TooLong` (ID-3). */
export const maxInputLength = 1_024

const messages = {
  NotAString: "An address must be a string",
  IllFormed: "An address must be well-formed Unicode, without lone surrogates",
  Empty: "An address must not be blank",
  QuotedLocalPart: "The part before the @ must be written without quotes",
  Comment: "An address must be written without comments or parentheses",
  AddressLiteral: "The part after the @ must be a domain name, not an address in brackets",
  WhiteSpace: "An address must have no white space inside",
  ControlCharacter: "An address must have no control characters",
  FormatCharacter: "An address must have no invisible format characters",
  MissingAt: "An address must have an @ between its local part and its domain",
  SeveralAts: "An address must have exactly one @",
  EmptyLocalPart: "An address must have a local part before the @",
  EmptyDomain: "An address must have a domain after the @",
  MisplacedDot: "Dots must stand singly, between other characters",
  InvalidCharacter:
    "ASCII characters must be letters, digits or !#$%&'*+-/=?^_`{|}~ in the local part, and letters, digits or hyphens in the domain",
  LookalikeCharacter: "Characters that normalise to ASCII, as full-width letters do, must be typed as ASCII",
  TrailingDot: "The domain must not end with a dot",
  Underscore: "The domain must have no underscores",
  SingleLabelDomain: "The domain must have at least two labels, such as acme.com",
  IpAddress: "The domain must be a name, not an IP address: its last label must not be a number",
  InvalidDomain:
    "The domain must be valid by UTS #46: labels of at most 63 characters, without hyphens at their ends, 253 in all",
  LocalPartTooLong: "The local part must have at most 64 UTF-8 octets",
  TooLong: "An address must have at most 254 UTF-8 octets"
} as const

/** Why an address is refused (ID-3): a closed set. */
export type EmailReason = keyof typeof messages

/** A refused address: the reason and a fixed text that says what would be right, without personal data (ID-3). */
export interface EmailProblem {
  readonly _tag: "EmailProblem"
  readonly reason: EmailReason
  readonly message: string
  /** The address that one mechanical repair makes of the input (ID-4). Personal data: keep it out of logs. */
  readonly suggestion?: string
}

const refuse = (reason: EmailReason): Result.Result<never, EmailProblem> =>
  Result.fail({ _tag: "EmailProblem", reason, message: messages[reason] })

const brand = Brand.nominal<EmailKey>()

// Unambiguous at each character, so that it cannot backtrack into more than linear time. No `i` flag: with
// `u` it would take the Kelvin sign for a k. What it does not match is not refused, but parsed with care.
const atoms = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
const ordinary = new RegExp(`^${atoms}(?:\\.${atoms})*@[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*\\.[A-Za-z]+$`)

/** An ordinary ASCII address of so few characters that no part of it can be too long. */
const isOrdinary = (address: string): boolean => address.length <= 64 && ordinary.test(address)

/**
 * Parses an address of any kind of input (ID-2, ID-3); fails with an `EmailProblem` and never throws.
 *
 * @example parse(" Ann+News@Straße.DE ") // { address: "Ann+News@Straße.DE", key: "ann+news@xn--strae-oqa.de" }
 */
export const parse = (input: unknown): Result.Result<EmailAddress, EmailProblem> => {
  if (typeof input !== "string") return refuse("NotAString")
  const address = input.trim()
  return isOrdinary(address)
    ? Result.succeed({ address, key: brand(address.toLowerCase()) })
    : parseCarefully(address)
}

/**
 * `parse` of trimmed text, without the short cut for ordinary ASCII addresses: the same results, by the whole of
 * ID-2 and ID-3.
 *
 * @internal
 */
export const parseCarefully = (address: string): Result.Result<EmailAddress, EmailProblem> => {
  if (address === "") return refuse("Empty")
  const reason = unreadable(address)
  if (reason !== undefined) return refuse(reason)
  const at = address.indexOf("@")
  if (at === -1) return refuse("MissingAt")
  if (address.includes("@", at + 1)) return refuse("SeveralAts")
  const local = parseLocal(address.slice(0, at))
  if (Result.isFailure(local)) return Result.fail(local.failure)
  const domain = parseHost(address.slice(at + 1))
  if (Result.isFailure(domain)) return Result.fail(domain.failure)
  const key = `${local.success}@${domain.success}`
  return octets(key) > 254 ? refuse("TooLong") : Result.succeed({ address, key: brand(key) })
}

/**
 * Parses a domain, such as the `acme.com` of a suppression entry `@acme.com`, by the rules for the domain of an
 * address (ID-2, ID-3) into lower-case ASCII. It does not trim: `a@ acme.com` is no address either.
 */
export const parseDomain = (input: string): Result.Result<string, EmailProblem> => {
  const reason = unreadable(`@${input}`)
  if (reason !== undefined) return refuse(reason)
  return input.includes("@") ? refuse("SeveralAts") : parseHost(input)
}

/** The domain of a key, in lower-case ASCII (ID-2). */
export const domainOf = (key: EmailKey): string => key.slice(key.indexOf("@") + 1)

/** What is refused wherever it stands; a syntax that misleads mailers is named before the characters it brings. */
const unreadable = (text: string): EmailReason | undefined => {
  if (text.length > maxInputLength) return "TooLong"
  if (!text.isWellFormed()) return "IllFormed"
  if (text.startsWith('"')) return "QuotedLocalPart"
  if (/[()]/.test(text)) return "Comment"
  if (/@\[/.test(text)) return "AddressLiteral"
  if (/[\s\p{Z}]/u.test(text)) return "WhiteSpace"
  if (/\p{Cc}/u.test(text)) return "ControlCharacter"
  if (/\p{Cf}/u.test(text)) return "FormatCharacter"
  return undefined
}

const parseLocal = (local: string): Result.Result<string, EmailProblem> => {
  if (local === "") return refuse("EmptyLocalPart")
  if (hasMisplacedDot(local)) return refuse("MisplacedDot")
  if (hasLookalike(local, compose)) return refuse("LookalikeCharacter")
  const composed = local.normalize("NFC")
  if (/[\0-\x7f]/.test(composed.replace(/[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]/g, "")))
    return refuse("InvalidCharacter")
  // Lower case may compose where upper case did not: J with a caron is two code points, j with one is one.
  const folded = composed.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()).normalize("NFC")
  return octets(folded) > 64 ? refuse("LocalPartTooLong") : Result.succeed(folded)
}

const uts46 = {
  transitionalProcessing: false,
  useSTD3ASCIIRules: true,
  checkBidi: true,
  checkJoiners: true,
  verifyDNSLength: true,
  // Real domains have hyphens in the third and fourth place; those at the ends of a label are refused below.
  checkHyphens: false
} as const

const parseHost = (spelled: string): Result.Result<string, EmailProblem> => {
  if (spelled === "") return refuse("EmptyDomain")
  if (hasLookalike(spelled, compose)) return refuse("LookalikeCharacter")
  // NFC before each check, so that canonically equivalent spellings fare alike.
  const domain = spelled.normalize("NFC")
  // Each code point takes at least one octet of the key; it also bounds the cost of Punycode.
  if (Array.from(domain).length > 253) return refuse("TooLong")
  if (hasLookalike(domain, mapOne)) return refuse("LookalikeCharacter")
  if (spelled.includes("_")) return refuse("Underscore")
  if (/[\0-\x7f]/.test(domain.replace(/[A-Za-z0-9.-]/g, ""))) return refuse("InvalidCharacter")
  if (spelled.length > 1 && spelled.endsWith(".") && !spelled.endsWith("..")) return refuse("TrailingDot")
  if (hasMisplacedDot(spelled)) return refuse("MisplacedDot")
  const ascii = tr46.toASCII(domain, uts46)
  if (ascii === null || !/^[a-z0-9]+(?:-+[a-z0-9]+)*(?:\.[a-z0-9]+(?:-+[a-z0-9]+)*)*$/.test(ascii))
    return refuse("InvalidDomain")
  // A hyphen at the end of a label may stand before Punycode encoded it.
  if (/(?:^|\.)-|-(?:\.|$)/.test(tr46.toUnicode(ascii, uts46).domain)) return refuse("InvalidDomain")
  if (/(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)$/.test(ascii)) return refuse("IpAddress")
  return ascii.includes(".") ? Result.succeed(ascii) : refuse("SingleLabelDomain")
}

const hasMisplacedDot = (text: string): boolean =>
  text.startsWith(".") || text.endsWith(".") || text.includes("..")

const compose = (character: string): string => character.normalize("NFC")

/** What UTS #46 makes of one character, be it allowed or not. */
const mapOne = (character: string): string => tr46.toUnicode(character, uts46).domain

/** Whether a character outside ASCII would become, or bring, an ASCII one. */
const hasLookalike = (text: string, normalise: (character: string) => string): boolean =>
  text.match(/[^\0-\x7f]/gu)?.some((character) => /[\0-\x7f]/.test(normalise(character))) ?? false

const encoder = new TextEncoder()
const octets = (text: string): number => encoder.encode(text).length
