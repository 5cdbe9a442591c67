/** How the command ends, for scripts. */
export const exitCodes = {
  done: 0,
  /** A bug: please report it. */
  unexpected: 1,
  /** The command line was wrong; nothing was done. */
  usage: 2,
  /** The list was read to its end, and some rows failed. */
  failedRows: 3,
  /** The store could not be opened, read or written. */
  store: 4,
  /** The campaign or the lead is not there, or is not in a state for this. */
  refused: 5,
  /** A file could not be read to its end, or not be written. */
  file: 6,
  /** Stopped by the user, between two batches. */
  interrupted: 130
} as const
