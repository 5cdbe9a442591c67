/** The commands of the suppression list. */
import type { Command } from "commander"
import type { Terminal } from "../Terminal.ts"
import type { Done } from "./Done.ts"
import { withListOptions } from "./listOptions.ts"
import { examples } from "./options.ts"

export const addSuppress = (program: Command, terminal: Terminal, done: Done): void => {
  const suppress = program.command("suppress").description("who gets no mail, by address or by domain")
  withListOptions(
    suppress
      .command("add")
      .description("put addresses and domains on the list, and end their enrolments")
      .argument(
        "<entries...>",
        "addresses, domains such as @acme.com, files of them (text with one a line, or a list), or - for what is piped in"
      )
      .option("--reason <text>", "kept with each")
  )
    .addHelpText(
      "after",
      examples(
        "suppress add ava@acmecorp.com @competitor.com",
        'suppress add unsubscribed.csv --reason "asked us to"'
      )
    )
    .action(async (entries, _, command) => {
      const { add } = await import("../commands/suppress.ts")
      done(await add(entries, command.optsWithGlobals(), terminal))
    })
  suppress
    .command("remove")
    .description("take entries off the list; it restarts nothing")
    .argument("<entries...>")
    .option("--actor <name>", "who does so, kept in the events; by default the user of the system")
    .action(async (entries, _, command) => {
      const { remove } = await import("../commands/suppress.ts")
      await remove(entries, command.optsWithGlobals(), terminal)
    })
  suppress
    .command("list")
    .description("all entries; with --json one object a line")
    .action(async (_, command) => {
      const { list } = await import("../commands/suppress.ts")
      await list(command.optsWithGlobals(), terminal)
    })
  suppress
    .command("check")
    .description("whether addresses are suppressed, by themselves or by their domain")
    .argument("<emails...>")
    .action(async (emails, _, command) => {
      const { check } = await import("../commands/suppress.ts")
      await check(emails, command.optsWithGlobals(), terminal)
    })
}
