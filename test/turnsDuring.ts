/** Counts the turns of the event loop while something runs. */
export const turnsDuring = async (run: () => Promise<unknown>): Promise<number> => {
  let turns = 0
  const count = () => {
    turns++
    pending = setImmediate(count)
  }
  let pending = setImmediate(count)
  await run()
  clearImmediate(pending)
  return turns
}
