/**
 * The domain of an address: its lower-case ASCII form by UTS #46, and the domains that are refused
 * (ID-2, ID-3).
 */
/// <reference path="./tr46.d.ts" />
import * as Result from "effect/Result"
import tr46 from "tr46"
import { bringsAscii, composesToAscii, foldAscii, hasMisplacedDot } from "./addressText.ts"
import { type EmailProblem, type EmailReason, refuse } from "./EmailProblem.ts"
import { hasSymbol, misplacement } from "./emailCharacters.ts"

/** Octets of a domain: with a local part of one octet and the `@`, 254 in all. */
const maxDomainLength = 252

const maxLabelLength = 63

/**
 * Last labels of names that no mail reaches: RFC 6761, RFC 6762, RFC 7686, and `internal` of ICANN.
 */
export const reservedEndings = ["invalid", "localhost", "local", "internal", "onion"]

const uts46 = {
  transitionalProcessing: false,
  useSTD3ASCIIRules: true,
  checkBidi: true,
  // Joiners and lengths have reasons of their own, and are checked apart.
  checkJoiners: false,
  verifyDNSLength: false,
  // Real domains have hyphens in the third and fourth place; those at the ends of a label are
  // refused below.
  checkHyphens: false
} as const

/** Parses a domain that has no @, no white space and no invisible characters. */
export const parseHost = (spelled: string): Result.Result<string, EmailProblem> => {
  // The text of the domain is judged first: it is cheap, and bounds what UTS #46 and Punycode have
  // to read.
  const domain = foldAscii(spelled)
  const fault = faultOfText(spelled, domain)
  if (fault !== undefined) return refuse(fault)
  const ascii = tr46.toASCII(domain, uts46)
  if (ascii === null) return refuse("InvalidDomain")
  const faultOfLabels = faultOfAscii(ascii)
  return faultOfLabels === undefined ? Result.succeed(ascii) : refuse(faultOfLabels)
}

const faultOfText = (spelled: string, domain: string): EmailReason | undefined => {
  if (domain === "") return "EmptyDomain"
  if (composesToAscii(spelled)) return "LookalikeCharacter"
  if (domain.includes("_")) return "Underscore"
  if (/[\0-\x7f]/.test(domain.replace(/[a-z0-9.-]/g, ""))) return "InvalidCharacter"
  if (domain.length > 1 && domain.endsWith(".") && !domain.endsWith("..")) return "TrailingDot"
  if (hasMisplacedDot(domain)) return "MisplacedDot"
  // Each code point takes at least one octet of the ASCII form.
  if (countCodePoints(domain) > maxDomainLength) return "TooLong"
  if (domain.split(".").some((label) => countCodePoints(label) > maxLabelLength)) return "LabelTooLong"
  if (hasSymbol(domain)) return "Symbol"
  // Except for symbols, UTS #46 maps a character to ASCII when its lower-case compatibility form
  // has ASCII.
  if (bringsAscii(domain, (it) => it.normalize("NFKC").toLowerCase())) return "LookalikeCharacter"
  return misplacement(domain)
}

const faultOfAscii = (ascii: string): EmailReason | undefined => {
  if (!/^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/.test(ascii)) return "InvalidDomain"
  if (ascii.split(".").some((label) => label.length > maxLabelLength)) return "LabelTooLong"
  if (ascii.length > maxDomainLength) return "TooLong"
  // A hyphen at the end of a label may stand before the Punycode of the label.
  const letters = tr46.toUnicode(ascii, {}).domain
  if (/(?:^|\.)-|-(?:\.|$)/.test(letters)) return "InvalidDomain"
  const fault = hasSymbol(letters) ? "Symbol" : misplacement(letters)
  if (fault !== undefined) return fault
  const last = ascii.slice(ascii.lastIndexOf(".") + 1)
  if (/^(?:[0-9]+|0x[0-9a-f]*)$/.test(last)) return "IpAddress"
  if (last === ascii) return "SingleLabelDomain"
  if (!/^(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})$/.test(last)) return "InvalidEnding"
  return reservedEndings.includes(last) ? "ReservedDomain" : undefined
}

const countCodePoints = (text: string): number => {
  let count = 0
  for (const _ of text) count++
  return count
}
