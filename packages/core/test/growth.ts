/** The measure of growth, which the tests of several packages share. */
export * from "../../../test/growth.ts"
