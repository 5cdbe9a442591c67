/**
 * A mail server that sends nothing on: it takes mail, keeps it, and plays the people who get it. `gone` does not exist, `bo`
 * unsubscribes from the first message, and mail to `dan` is put off now and then. Like a provider with idempotency keys, it
 * refuses a Message-ID that it has taken with another body.
 */
import { SMTPServer } from "smtp-server"

/** A message as it arrived: the address that it was for, and its headers that matter here. */
export interface Received {
  readonly to: string
  readonly messageId: string
  /** The address to which a POST unsubscribes. */
  readonly oneClick: string
  readonly body: string
}

/** A header, which may be folded over several lines. */
const header = (source: string, name: string): string =>
  new RegExp(`^${name}:(.*(?:\\r\\n[ \\t].*)*)`, "im").exec(source)?.[1]?.replace(/\s+/g, "") ?? ""

const refusal = (responseCode: number, message: string): Error =>
  Object.assign(new Error(message), { responseCode })

/** Starts the server on a port of its own; `took` is told of each message, which is accepted when it has come to its end. */
export const startSink = async (took: (received: Received) => Promise<void> | void = () => {}) => {
  const bodies = new Map<string, string>()
  let putOff = 0
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS", "AUTH"],
    onRcptTo: ({ address }, _, done) => {
      if (address.startsWith("gone@")) return done(refusal(550, "no such user"))
      if (address.startsWith("dan@") && putOff++ % 2 === 0) return done(refusal(451, "try again later"))
      return done()
    },
    onData: (stream, session, done) => {
      let source = ""
      stream.setEncoding("utf8")
      stream.on("data", (text: string) => {
        source += text
      })
      stream.on("end", async () => {
        const messageId = header(source, "Message-ID")
        const body = source.slice(source.indexOf("\r\n\r\n"))
        const known = bodies.get(messageId)
        if (known !== undefined && known !== body) return done(refusal(552, "same id, other body"))
        bodies.set(messageId, body)
        const to = session.envelope.rcptTo[0]?.address ?? ""
        const oneClick = header(source, "List-Unsubscribe").replace(/[<>]/g, "")
        await took({ to, messageId, oneClick, body })
        done()
        if (to.startsWith("bo@")) void fetch(oneClick, { method: "POST" }).catch(() => {})
      })
    }
  })
  // A worker that is killed hangs up in the middle of a conversation.
  server.on("error", () => {})
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening))
  const address = server.server.address()
  const port = typeof address === "object" ? address?.port : 0
  return {
    url: `smtp://127.0.0.1:${port}`,
    stop: () => new Promise<void>((stopped) => server.close(stopped))
  }
}
