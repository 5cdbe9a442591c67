/** `@leadterra/http/sqlite`: the `ServerStore` in the SQLite file that holds the leads. */
export type { ServerStore } from "../ServerStore.ts"
