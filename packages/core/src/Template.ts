/**
 * Templates: the subject and the body of a step, with `{{ tokens }}` that each lead's own data fills.
 * Owns nothing but the public face of the token rules. Guarantees: every function here is pure and total, and
 * none throws within the limits; a template is compiled once and rendered for many leads (TK-6).
 * Refuses to be a programming language: there are no conditions, loops or helpers.
 */
import * as Result from "effect/Result"
import { makeParser } from "./model/EmailAddress.ts"
import type { LeadFields } from "./model/Lead.ts"
import { fieldsOf, parseLead } from "./rules/parseLead.ts"
import { blankTokens, compile, tokens } from "./rules/tokens.ts"

export { compile, type Mode, render, type Template, tokens } from "./rules/tokens.ts"

/** How often a token of a step would leave a gap: `empty` counts leads. */
export interface TokenCoverage {
  readonly token: string
  readonly empty: number
}

/** The tokens of one step, those of its subject first; `step` counts from 0. */
export interface StepCoverage {
  readonly step: number
  readonly tokens: ReadonlyArray<TokenCoverage>
}

/** What `coverage` answers: how many rows were leads, how many break a rule, and the gaps among the leads. */
export interface Coverage {
  readonly leads: number
  readonly failed: number
  readonly steps: ReadonlyArray<StepCoverage>
}

/** The two templates of a step. */
export interface StepSource {
  readonly subject: string
  readonly bodyHtml: string
}

const coverStep = ({ bodyHtml, subject }: StepSource, leads: ReadonlyArray<LeadFields>) => {
  const templates = [compile(subject, "text"), compile(bodyHtml, "html")]
  const empty = new Map(templates.flatMap(tokens).map((token) => [token, 0]))
  for (const lead of leads) {
    const blank = new Set(templates.flatMap((template) => blankTokens(template, lead)))
    for (const token of blank) empty.set(token, (empty.get(token) ?? 0) + 1)
  }
  return Array.from(empty, ([token, count]) => ({ token, empty: count }))
}

/**
 * For each step and token, for how many of the given rows some occurrence of it would render blank, with no
 * fallback that is not blank (TK-6). Rows are untrusted and parsed as `Leads.bulkUpsert` parses them; what the
 * workspace already knows of a lead is not looked at. Templates are compiled once; the time is linear.
 */
export const coverage = (input: {
  readonly steps: ReadonlyArray<StepSource>
  readonly leads: ReadonlyArray<unknown>
}): Coverage => {
  const parseAddress = makeParser()
  const leads = Array.from(input.leads, (row) => parseLead(row, parseAddress)).flatMap((row) =>
    Result.isSuccess(row) ? [fieldsOf(row.success)] : []
  )
  return {
    leads: leads.length,
    failed: input.leads.length - leads.length,
    steps: input.steps.map((source, step) => ({ step, tokens: coverStep(source, leads) }))
  }
}
