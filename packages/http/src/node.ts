/** `@leadterra/http/node`: the spool of imports in a folder of this machine, and the sender of webhooks. */
export { openSpool, type SpoolOptions } from "./node/openSpool.ts"
export { makeWebhookSender, type WebhookSenderOptions } from "./node/webhookSender.ts"
