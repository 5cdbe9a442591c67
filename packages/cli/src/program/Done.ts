/** Takes a command's exit code, or 0 where it gives none. */
export type Done = (exitCode: number) => void
