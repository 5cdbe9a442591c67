/** Reads server-sent events out of bytes. */

export interface ServerSentEvent {
  readonly id: string
  readonly data: string
}

/**
 * Yields the events that have an id. An event counts when the empty line behind it has come, so one
 * that was cut off is not told. `race` bounds each read.
 */
export async function* readEvents(
  bytes: ReadableStream<Uint8Array> | null,
  race: <A>(read: Promise<A>) => Promise<A>
): AsyncGenerator<ServerSentEvent, void, void> {
  const reader = bytes?.getReader()
  if (reader === undefined) return
  const decoder = new TextDecoder()
  let rest = ""
  let id = ""
  let data: Array<string> = []
  try {
    while (true) {
      const { done, value } = await race(reader.read())
      if (done) return
      // A carriage return at the end may be the first half of a line end.
      const lines = (rest + decoder.decode(value, { stream: true })).split(/\r\n|\n|\r(?!$)/)
      rest = lines.pop() ?? ""
      for (const line of lines) {
        if (line === "") {
          if (data.length > 0 && id !== "") yield { id, data: data.join("\n") }
          data = []
          continue
        }
        const [, name, text = ""] = /^([^:]*)(?::\x20?(.*))?$/.exec(line) ?? []
        if (name === "data") data.push(text)
        else if (name === "id") id = text
      }
    }
  } finally {
    reader.cancel().catch(() => {})
  }
}
