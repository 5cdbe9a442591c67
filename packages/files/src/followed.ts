/** Puts what was taken from a source back in front of it. */

/** The head, then the rest, or the failure that came in its place. */
export async function* followed<A>(head: A, rest: AsyncIterator<A>, failure: unknown): AsyncGenerator<A> {
  yield head
  if (failure !== undefined) throw failure
  for (;;) {
    const { done, value } = await rest.next()
    if (done === true) return
    yield value
  }
}
