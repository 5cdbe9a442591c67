/** `@leadterra/http/postgres`: the `ServerStore` in the PostgreSQL database that holds the leads. */
export type { ServerStore } from "../ServerStore.ts"
