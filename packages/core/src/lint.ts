/**
 * `@leadterra/core/lint`: the lints that `Campaigns.create` and `replaceSteps` answer, for an editor of templates. An entry of
 * its own, since it brings an HTML parser.
 */
export { type Lint, type LintCode, lints } from "./rules/lint.ts"
