/** `@leadterra/http/node`: the spool of imports in a folder of this machine, and the sender of webhooks. */
export { openSpool, type SpoolOptions } from "./openSpool.ts"
export { makeWebhookSender, type WebhookSenderOptions } from "./webhookSender.ts"
