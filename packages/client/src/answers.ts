/**
 * The answers of the API, as they are in JSON: times are ISO 8601 in UTC. A test holds each type
 * against the contract of `@leadterra/http`, so the package needs neither that one nor its schemas.
 */
export type * from "./answers/campaigns.ts"
export type * from "./answers/delivery.ts"
export type * from "./answers/enrollments.ts"
export type * from "./answers/events.ts"
export type * from "./answers/imports.ts"
export type * from "./answers/leads.ts"
export type * from "./answers/suppression.ts"
export type * from "./answers/testClock.ts"
export type * from "./answers/webhooks.ts"
