/** Lines of text in chunks of a size that is worth a write, taken as they are asked for. */
const chunkLength = 65_536

export async function* chunked<A>(
  items: Iterable<A> | AsyncIterable<A>,
  lineOf: (item: A) => string,
  first = ""
): AsyncGenerator<string, undefined> {
  let chunk = first
  for await (const item of items) {
    chunk += lineOf(item)
    if (chunk.length < chunkLength) continue
    yield chunk
    chunk = ""
  }
  if (chunk !== "") yield chunk
}
