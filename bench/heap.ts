/** How much memory a process has and had. Rounds run with `--expose-gc`. */
const megabyte = 1_000_000

/** What is in use once the garbage is gone, in bytes. */
export const liveHeap = (): number => {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

/** Watches the heap as often as it is told to, garbage included. In MB. */
export const heapWatch = () => {
  let peak = 0
  return {
    look: (): void => {
      peak = Math.max(peak, process.memoryUsage().heapUsed)
    },
    peakHeap: (): number => peak / megabyte,
    /** Of the whole life of the process. */
    peakRss: (): number => (process.resourceUsage().maxRSS * 1_024) / megabyte,
    liveHeap: (): number => liveHeap() / megabyte
  }
}
