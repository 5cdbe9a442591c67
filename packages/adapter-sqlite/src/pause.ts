const bell = new Int32Array(new SharedArrayBuffer(4))

/** Holds the thread for so long, where SQLite gives up at once and the wait for others is ours. */
export const pause = (millis: number): void => {
  Atomics.wait(bell, 0, 0, millis)
}
