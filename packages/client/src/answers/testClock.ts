/** Answers about the test clock. */

/** The time of a test clock, which stands still until the next advance. */
export interface TestClockTime {
  readonly now: string
}
