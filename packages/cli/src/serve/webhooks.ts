/** The relay of webhooks, beside the server. */
import type { Engine } from "@leadterra/core/promise"
import { type SendWebhook, type ServerStore, startWebhookRelay, type WebhookRelay } from "@leadterra/http"
import { makeWebhookSender } from "@leadterra/http/node"
import { UsageError } from "../failure.ts"
import type { Log } from "./log.ts"
import type { Metrics } from "./metrics.ts"

/** Makes the sender with the exceptions of `--webhook-allow`. Throws a `UsageError` for a malformed one. */
export const senderOf = (allow: ReadonlyArray<string>): SendWebhook => {
  try {
    return makeWebhookSender({ allow })
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(`--webhook-allow: ${error.message}`)
    throw error
  }
}

export interface RelayParts {
  readonly engine: Engine
  readonly store: ServerStore
  readonly send: SendWebhook
  readonly log: Log
  readonly metrics: Metrics | undefined
}

export const startRelay = ({ log, metrics, ...parts }: RelayParts): WebhookRelay =>
  startWebhookRelay({
    ...parts,
    onAttempt: (attempted) => {
      metrics?.attempted(attempted)
      log.attempted(attempted)
    },
    onError: log.relayFailed
  })
