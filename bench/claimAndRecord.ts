/**
 * What the limits of delivery do with their statements, each on tables of its own: claim and render by concatenation, and record
 * sends, each in one transaction.
 */
import type Database from "better-sqlite3"
import { escaped } from "./escaped.ts"
import type { Queue } from "./Queue.ts"
import type { Row } from "./workload.ts"

/** Whom a message is rendered for. */
export type Person = Omit<Row, "customFields">

export interface Due extends Person {
  readonly lead: number
}

/** The first step of the benchmark's campaign, by concatenation. */
export const rendered = ({ company, email, firstName, jobTitle, lastName }: Person) => ({
  to: email,
  subject: `Hi ${firstName}, about ${company}`,
  html: `<p>Dear ${escaped(firstName)} ${escaped(lastName)},</p><p>How does ${escaped(company)} find its ${escaped(jobTitle)}s?</p>`
})

type Run = Pick<Database.Statement<Array<unknown>>, "run">

export interface QueueStatements {
  readonly due: Database.Statement<[at: number, limit: number], Due>
  /** By token, end and lead. */
  readonly lease: Run
  /** By time and lead. */
  readonly sent: Run
  /** By lead. */
  readonly move: Run
  /** By lead and time. */
  readonly next: Run
  /** By how many pending and sent there are more. */
  readonly count: Run
  /** By time and leads. */
  readonly tell: Run
}

export const claimAndRecord = (
  db: Database.Database,
  { count, due, lease, move, next, sent, tell }: QueueStatements
): Pick<Queue, "claim"> => {
  const claim = db.transaction((limit: number) => {
    const now = Date.now()
    const found = due.all(now, limit)
    const token = `${now}.${Math.random()}`
    for (const { lead } of found) lease.run(token, now + 3_600_000, lead)
    return found.map((lead) => ({ lead: lead.lead, ...rendered(lead) }))
  })
  const record = db.transaction((messages: ReadonlyArray<{ readonly lead: number }>) => {
    const now = Date.now()
    const recorded: Array<number> = []
    for (const { lead } of messages) {
      if (sent.run(now, lead).changes === 0) continue
      move.run(lead)
      next.run(lead, now)
      recorded.push(lead)
    }
    count.run(0, recorded.length)
    tell.run(now, JSON.stringify(recorded))
  })
  return {
    claim: (limit) => {
      const messages = claim.immediate(limit)
      return { messages, record: () => record.immediate(messages) }
    }
  }
}
