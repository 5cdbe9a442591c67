/**
 * From an untrusted report to one that a rule may judge, or to what is wrong with it (DE-3). Total: a report comes
 * from a provider's webhook and may be anything; every problem is listed, and no value is repeated.
 */
import * as Result from "effect/Result"
import { type MessageId, type MessageName, parseMessageId } from "../model/Ids.ts"
import * as Limits from "../model/Limits.ts"
import type { RowIssue } from "../model/Report.ts"
import { timeOf } from "./parseTime.ts"

/** The classes of a reply. An absence notice ends nothing; a bounce or an unsubscribe by reply is taken as such. */
export const replyClasses = [
  "interested",
  "not_interested",
  "out_of_office",
  "bounce",
  "unsubscribe"
] as const
export type ReplyClass = (typeof replyClasses)[number]

/** What happened to a message. */
export type ReportedFact =
  | { readonly type: "sent" | "delivered" | "opened" | "unsubscribed" }
  | { readonly type: "bounced"; readonly kind: "hard" | "soft" }
  | { readonly type: "replied"; readonly class: ReplyClass | null }
  | {
      readonly type: "failed"
      readonly claimToken: string
      readonly kind: FailureKind
      readonly retryAfterSeconds: number | null
    }
  /** By `release` and `extend`. */
  | { readonly type: "released"; readonly claimToken: string }
  | { readonly type: "extended"; readonly claimToken: string; readonly leaseSeconds: number }

/** A report that is well-formed; `at` is milliseconds since 1970, null for now. */
export interface DeliveryReport {
  readonly messageId: MessageId
  readonly name: MessageName
  readonly at: number | null
  readonly fact: ReportedFact
}

/** A report that is not, with the message that it names, where that is text. */
export interface InvalidReport {
  readonly messageId: string | null
  readonly issues: ReadonlyArray<RowIssue>
}

const bounceKinds = ["hard", "soft"] as const

const failureKinds = ["error", "throttled"] as const
/**
 * The kind of a failed attempt. `throttled` counts no failure, since the provider has not judged
 * the message.
 */
export type FailureKind = (typeof failureKinds)[number]

const types = ["sent", "delivered", "opened", "bounced", "replied", "unsubscribed", "failed"] as const

const oneOf = <T extends string>(value: unknown, known: ReadonlyArray<T>): T | undefined =>
  known.find((name) => name === value)

class Reading {
  readonly issues: Array<RowIssue> = []

  /** The value, or undefined and an issue. */
  expect<A>(value: A | undefined, path: string, reason: string, message: string): A | undefined {
    if (value === undefined) this.issues.push({ path, reason, message })
    return value
  }

  fact(type: (typeof types)[number] | undefined, report: object): ReportedFact | undefined {
    switch (type) {
      case undefined:
        return undefined
      case "bounced": {
        const kind = Reflect.get(report, "kind") ?? "hard"
        const known = this.expect(
          oneOf(kind, bounceKinds),
          "kind",
          "WrongKind",
          'kind must be "hard" (the default) or "soft"'
        )
        return known === undefined ? undefined : { type, kind: known }
      }
      case "replied": {
        const given = Reflect.get(report, "class") ?? null
        if (given === null) return { type, class: null }
        const known = this.expect(
          oneOf(given, replyClasses),
          "class",
          "WrongClass",
          `class must be one of ${replyClasses.join(", ")}, or left out`
        )
        return known === undefined ? undefined : { type, class: known }
      }
      case "failed":
        return this.failed(report)
      default:
        return { type }
    }
  }

  private failed(report: object): ReportedFact | undefined {
    const claimToken = this.token(
      report,
      "a failure is reported with the claimToken of the claim that it ends"
    )
    const kind = this.expect(
      oneOf(Reflect.get(report, "kind") ?? "error", failureKinds),
      "kind",
      "WrongKind",
      'kind must be "error" (the default) or "throttled"'
    )
    const after = Reflect.get(report, "retryAfterSeconds") ?? null
    if (after !== null && !(typeof after === "number" && after >= 0 && after <= Limits.maxRetrySeconds)) {
      const message = `retryAfterSeconds must be a number from 0 to ${Limits.maxRetrySeconds}, or left out`
      this.issues.push({ path: "retryAfterSeconds", reason: "WrongRetry", message })
      return undefined
    }
    return claimToken === undefined || kind === undefined
      ? undefined
      : { type: "failed", claimToken, kind, retryAfterSeconds: after }
  }

  token(report: object, message: string): string | undefined {
    const token: unknown = Reflect.get(report, "claimToken")
    return this.expect(typeof token === "string" ? token : undefined, "claimToken", "MissingToken", message)
  }

  name(messageId: string | null): MessageName | undefined {
    return this.expect(
      messageId === null ? undefined : parseMessageId(messageId),
      "messageId",
      "NotAMessageId",
      "messageId must be the id of a message that a claim handed out"
    )
  }
}

/**
 * Parses an object that names a message. A value that is no object, or throws when it is read, is
 * invalid.
 */
const parseNaming =
  (
    notAnObject: readonly [reason: string, message: string],
    parse: (input: object, reading: Reading) => Pick<DeliveryReport, "at" | "fact"> | undefined
  ) =>
  (input: unknown): Result.Result<DeliveryReport, InvalidReport> => {
    let messageId: string | null = null
    try {
      if (typeof input !== "object" || input === null || Array.isArray(input))
        return invalid(null, ...notAnObject)
      const reading = new Reading()
      const given: unknown = Reflect.get(input, "messageId")
      messageId = typeof given === "string" ? given : null
      const name = reading.name(messageId)
      const parsed = parse(input, reading)
      return name === undefined || parsed === undefined
        ? Result.fail({ messageId, issues: reading.issues })
        : Result.succeed({ messageId: messageId as MessageId, name, ...parsed })
    } catch {
      return invalid(messageId, "Unreadable", "the report threw when it was read")
    }
  }

/** Parses one report of `Delivery.record` (DE-3). */
export const parseReport = parseNaming(
  ["NotAReport", "a report must be an object with a messageId and a type"],
  (input, reading) => {
    const type = reading.expect(
      oneOf(Reflect.get(input, "type"), types),
      "type",
      "WrongType",
      `type must be one of ${types.join(", ")}`
    )
    const time = Reflect.get(input, "at") ?? null
    const at =
      time === null
        ? null
        : reading.expect(
            timeOf(time),
            "at",
            "WrongTime",
            "at must be milliseconds since 1970 or an ISO time such as 2025-06-10T15:00:00Z"
          )
    const fact = reading.fact(type, input)
    return fact === undefined || at === undefined ? undefined : { at, fact }
  }
)

/** A parser of the messages that `Delivery.release` and `Delivery.extend` name (DE-4). */
export const parseClaimRef = (factOf: (claimToken: string) => ReportedFact) =>
  parseNaming(
    ["NotAClaimRef", "a message in hand is an object with a messageId and a claimToken"],
    (input, reading) => {
      const token = reading.token(input, "claimToken must be that of the claim that handed out the message")
      return token === undefined ? undefined : { at: null, fact: factOf(token) }
    }
  )

const invalid = (messageId: string | null, reason: string, message: string) =>
  Result.fail({ messageId, issues: [{ path: "", reason, message }] })
