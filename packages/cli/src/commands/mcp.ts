/** `mcp`: a server of the Model Context Protocol on the store, until its input ends or a signal stops it. */
import { handlersOf } from "../mcp/handlers.ts"
import { serveMcp } from "../mcp/server.ts"
import { makeLog } from "../serve/log.ts"
import { type CommonOptions, inSession } from "../session.ts"
import type { Terminal } from "../Terminal.ts"

export const mcp = (options: CommonOptions, terminal: Terminal): Promise<void> => {
  const stop = new AbortController()
  const end = terminal.onInterrupt(() => stop.abort())
  const log = makeLog(terminal.err)
  return inSession(options, terminal, (session) =>
    serveMcp(
      handlersOf(session, (error) => log.failed(error, "")),
      terminal,
      stop.signal
    )
  ).finally(end)
}
