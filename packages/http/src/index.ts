/** `@leadterra/http`: the use cases as a REST API. */
export {
  type KeyMode,
  type KeyRecord,
  type ServerStore,
  ServerStoreError,
  WorkspaceModeConflict
} from "./ServerStore.ts"
