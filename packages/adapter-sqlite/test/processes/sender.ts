/**
 * A worker of a process of its own: claims, writes down what it "sends", and records it, until nothing is pending. What
 * becomes of a message is decided by its id, so that every worker would say the same.
 */
import { createHash } from "node:crypto"
import { appendFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import type { Delivery } from "@leadterra/core"
import { open } from "@leadterra/core/promise"
import { SqliteRepository } from "../../src/index.ts"

export interface Task {
  readonly filename: string
  /** Where it writes down what it sends: an id and an attempt per line. */
  readonly log: string
  readonly workspaceId: string
  readonly campaignId: string
  /** How many messages it claims at a time. */
  readonly limit: number
}

const { campaignId, filename, limit, log, workspaceId }: Task = JSON.parse(process.argv[2] ?? "")

/** Some 4% are out of the ordinary: a bounce, a reply, an unsubscribe, and failures, the first time alone. */
const fate = ({ attempt, claimToken, messageId }: Delivery.ClaimedMessage): Delivery.Report => {
  const drawn = createHash("sha256").update(messageId).digest().readUInt16BE() % 100
  if (drawn === 0) return { messageId, type: "bounced" }
  if (drawn === 1) return { messageId, type: "replied" }
  if (drawn === 2) return { messageId, type: "unsubscribed" }
  if (drawn === 3 && attempt === 1) return { messageId, type: "failed", claimToken, retryAfterSeconds: 0 }
  return { messageId, type: "sent" }
}

const engine = await open(SqliteRepository.layer({ filename }))
for (;;) {
  const claimed = await engine.delivery.claim({ workspaceId, limit, leaseSeconds: 1 })
  if (claimed.length === 0) {
    const { queued } = await engine.campaigns.stats({ workspaceId, campaignId })
    if (queued === 0) break
    await sleep(50)
    continue
  }
  process.stdout.write(".")
  appendFileSync(log, claimed.map(({ attempt, messageId }) => `${messageId} ${attempt}\n`).join(""))
  // So long does a provider take.
  await sleep(20)
  await engine.delivery.record({ workspaceId, reports: claimed.map(fate) })
}
await engine.close()
