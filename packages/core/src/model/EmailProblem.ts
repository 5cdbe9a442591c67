/**
 * The reasons for which an address is refused (ID-3), each with one fixed message that never
 * repeats the address.
 */
import * as Result from "effect/Result"

const messages = {
  NotAString: "the address is not text: write it as text",
  Empty: "the cell is empty: fill in an address",
  TooLong: "the address is longer than 254 characters (UTF-8 octets): fill in one address alone",
  IllFormed: "the text is damaged (half of a surrogate pair): type the address again",
  SeveralAddresses: "there are several addresses in one cell: give each a row of its own",
  QuotedLocalPart: "the address begins with a quotation mark: write it without quotation marks",
  Comment: "there are parentheses in the address: write it without them",
  AddressLiteral: "the address ends in a number in brackets: use the name of the domain, such as acme.com",
  WhiteSpace: "there is a space or a line break inside the address: remove it",
  ControlCharacter: "there is an invisible control character in the address: type the address again",
  FormatCharacter: "there is an invisible character in the address: type the address again",
  MissingAt: "there is no @: write the address as name@acme.com",
  SeveralAts: "there is more than one @ in the address: keep one",
  EmptyLocalPart: "there is nothing before the @: write the address as name@acme.com",
  EmptyDomain: "there is nothing after the @: write the address as name@acme.com",
  MisplacedDot: "there is a dot at an end, or two in a row: put single dots between other characters",
  TrailingDot: "there is a dot at the end of the address: remove it",
  LocalPartTooLong: "the part before the @ is longer than 64 characters (UTF-8 octets): check the address",
  LabelTooLong: "a part of the domain between two dots is longer than 63 characters: check the domain",
  InvalidCharacter:
    "there is a punctuation mark that addresses cannot have, such as a comma, < or >: write the address alone",
  QuoteAtEnd: "the part before the @ begins or ends with a quotation mark: remove it",
  Symbol: "there is a symbol, such as a curly quotation mark, a bullet or an emoji: remove it",
  LookalikeCharacter: "there is a letter that only looks like a plain one: type the address again",
  LeadingMark: "there is an accent without a letter before it: type the address again",
  MisplacedCharacter: "there is a middle dot or a similar sign in a place where no word has one: remove it",
  MixedScripts: "there are Latin, Cyrillic or Greek letters mixed in one word: type the address again",
  Underscore: "there is an underscore in the domain: check the domain",
  InvalidDomain: "the part after the @ is not a possible domain: check its spelling",
  IpAddress: "the domain is a number: use its name, such as acme.com",
  SingleLabelDomain: "the domain has no dot: write it out, as acme.com",
  InvalidEnding: "the domain ends in nothing like .com or .de: check its last part",
  ReservedDomain:
    "the domain ends in a name that no mail can reach, such as .local or .invalid: check the domain"
} as const

/** Why an address is refused (ID-3): a closed set. */
export type EmailReason = keyof typeof messages

/**
 * A refused address: the reason and a fixed text that says what would be right, without personal
 * data (ID-3).
 */
export interface EmailProblem {
  readonly _tag: "EmailProblem"
  readonly reason: EmailReason
  readonly message: string
  /**
   * The address that one mechanical repair makes of the input (ID-4). Personal data: keep it out of
   * logs.
   */
  readonly suggestion?: string
}

/** Fails with a reason and its message. */
export const refuse = (reason: EmailReason): Result.Result<never, EmailProblem> =>
  Result.fail({ _tag: "EmailProblem", reason, message: messages[reason] })
