/** `@leadterra/client`: the REST API as typed calls, by `fetch`. */
export type * from "./answers.ts"
export { type ClientOptions, connect, type LeadterraClient } from "./connect.ts"
export { type ErrorCode, LeadterraError, type ProblemCode, type ProblemItem } from "./LeadterraError.ts"
export type * from "./requests.ts"
