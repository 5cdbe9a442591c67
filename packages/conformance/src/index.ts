/**
 * `@leadterra/conformance`: the laws that every store must keep, and the broken stores that they must catch; with them what
 * further tests of a store are made of: inputs, a clock that stands still, the whole state as plain data.
 */
export * as given from "./arbitraries.ts"
export { conformance, fewestRuns, mutantsAreCaught, runs } from "./conformance.ts"
export { at, type Law, noon, type StoreLayer } from "./Law.ts"
export { laws } from "./laws.ts"
export { mutants } from "./mutants.ts"
export { observe } from "./observe.ts"
export type { Mutant } from "./sabotage.ts"
