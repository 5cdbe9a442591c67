/** `@leadterra/conformance`: the laws that every store must keep, and the broken stores that they must catch. */
export { conformance, mutantsAreCaught, runs } from "./conformance.ts"
export type { Law, StoreLayer } from "./Law.ts"
export { laws } from "./laws.ts"
export { mutants } from "./mutants.ts"
export type { Mutant } from "./sabotage.ts"
