/** Claims, writes down what it "sends", and records it, until it is told to end by a line. */
import { appendFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import type { Delivery } from "@leadterra/core"
import { openEngine, type SenderTask, tryAgain, workspaceId } from "./tasks.ts"

const { limit, log, url }: SenderTask = JSON.parse(process.argv[2] ?? "")
let isOver = false
process.stdin.on("data", () => {
  isOver = true
})
const engine = await openEngine(url)
while (!isOver) {
  const claimed = await tryAgain(() => engine.delivery.claim({ workspaceId, limit, leaseSeconds: 2 }))
  if (claimed.length === 0) {
    await sleep(20)
    continue
  }
  appendFileSync(log, claimed.map(({ attempt, messageId }) => `${messageId} ${attempt}\n`).join(""))
  const reports = claimed.map(({ messageId }): Delivery.Report => ({ messageId, type: "sent" }))
  await tryAgain(() => engine.delivery.record({ workspaceId, reports }))
  process.stdout.write(".")
}
await engine.close()
process.stdin.destroy()
