/** The commands that serve until they are stopped. */
import { type Command, Option } from "commander"
import type { Terminal } from "../Terminal.ts"
import { examples, integer, several } from "./options.ts"

export const addServe = (program: Command, terminal: Terminal): void => {
  program
    .command("serve")
    .description("serve the REST API, until Ctrl-C or SIGTERM")
    .option(
      "--host <address>",
      "listen there; 0.0.0.0 for all addresses, behind a proxy with TLS",
      "127.0.0.1"
    )
    .addOption(new Option("--port <number>", "listen there").default(8787).argParser(integer(0, 65_535)))
    .addOption(
      new Option("--drain-seconds <seconds>", "when stopped, answer calls for so long, with 503 at /readyz")
        .default(0)
        .argParser(integer(0, 3_600))
    )
    .addOption(
      new Option("--grace-seconds <seconds>", "let calls finish for so long when stopped")
        .default(10)
        .argParser(integer(0, 3_600))
    )
    .option(
      "--public-url <url>",
      "the address for everybody, https://...: claims then have unsubscribe links under it"
    )
    .addOption(
      new Option(
        "--rate <calls>",
        "calls a second that a workspace may make, on average; 1,000 otherwise"
      ).argParser(integer(1, 1_000_000))
    )
    .addOption(
      new Option(
        "--webhook-allow <address>",
        "let webhooks go to this address, range (10.0.0.0/8) or origin (http://127.0.0.1:9000) too; may be repeated"
      ).argParser(several)
    )
    .addOption(
      new Option(
        "--cors-origin <origin>",
        "let pages of this origin call the API from a browser; may be repeated"
      ).argParser(several)
    )
    .option("--no-reference", "serve no page for people at /reference")
    .option(
      "--spool-dir <folder>",
      "lists of imports on their way into the store; FILE-imports beside a SQLite file, else in the temporary folder of the system"
    )
    .option("--metrics", "serve metrics for Prometheus at /metrics, without a key")
    .addHelpText("after", examples("serve", "serve --db postgres://leadterra@db.example/leads --port 8080"))
    .action(async (_, command) => {
      const { serve } = await import("../commands/serve.ts")
      await serve(command.optsWithGlobals(), terminal)
    })
}

export const addMcp = (program: Command, terminal: Terminal): void => {
  program
    .command("mcp")
    .description("serve a model by the Model Context Protocol over the standard input and output")
    .addHelpText("after", examples("mcp", "mcp --db postgres://leadterra@db.example/leads --workspace acme"))
    .action(async (_, command) => {
      const { mcp } = await import("../commands/mcp.ts")
      await mcp(command.optsWithGlobals(), terminal)
    })
}
