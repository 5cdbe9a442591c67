/** Root may read and write anything: what is asked of permissions is asked as nobody. */
export const asNobody = async <A>(work: () => Promise<A>): Promise<A> => {
  if (process.geteuid?.() !== 0) return work()
  process.seteuid?.("nobody")
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}
