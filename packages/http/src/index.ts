/** `@leadterra/http`: the use cases as a REST API. */
export { Api } from "./contract/Api.ts"
export type { ReferenceScript } from "./documents/reference.ts"
export { type Answered, type Handlers, type HandlersOptions, handlers } from "./handlers.ts"
export type {
  FailedRowsFile,
  ImportCounts,
  ImportFailure,
  ImportJob,
  ImportRef,
  ImportState,
  ImportsPage,
  ImportsStore,
  ListOptions
} from "./imports/ImportsStore.ts"
export {
  type Spool,
  SpoolError,
  type SpooledList,
  type SpoolFault,
  type SpoolFile,
  type SpoolFileKind
} from "./imports/Spool.ts"
export {
  type CreatedKey,
  createKey,
  findKey,
  type KeyStores,
  type KeySummary,
  listKeys,
  revokeKey
} from "./keys/apiKeys.ts"
export { hashKey, makeKey, parseKey } from "./keys/key.ts"
export {
  type ErasedPeople,
  type KeyMode,
  type KeyRecord,
  type ServerStore,
  ServerStoreError,
  WorkspaceModeConflict
} from "./ServerStore.ts"
export { TooManySecrets } from "./secrets/SecretStore.ts"
export {
  formerLinkDays,
  type RotateUnsubscribeSecret,
  rotateUnsubscribeSecret
} from "./secrets/unsubscribeSecrets.ts"
export * as MemoryServerStore from "./stores/memory.ts"
export type { AttemptedWebhook, RelayOptions } from "./webhooks/RelayOptions.ts"
export type { SendWebhook, WebhookAnswer, WebhookRequest } from "./webhooks/SendWebhook.ts"
export { startWebhookRelay, type WebhookRelay } from "./webhooks/startWebhookRelay.ts"
export { type AttemptOutcome, unansweredReasons } from "./webhooks/Webhook.ts"
