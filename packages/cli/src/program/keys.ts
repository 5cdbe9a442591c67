/** The commands of API keys. */
import type { Command } from "commander"
import type { CommonOptions } from "../session.ts"
import type { Terminal } from "../Terminal.ts"
import { examples } from "./options.ts"

const keysOptions = (command: Command) => ({
  ...command.optsWithGlobals<CommonOptions & { readonly test?: boolean }>(),
  isWorkspaceNamed: command.getOptionValueSourceWithGlobals("workspace") === "cli"
})

export const addKeys = (program: Command, terminal: Terminal): void => {
  const keys = program.command("keys").description("API keys of leadterra serve")
  keys
    .command("create")
    .description("make a key, and print it this once")
    .option("--test", "for a test workspace, by default NAME-test where NAME is the live one's")
    .addHelpText("after", examples("keys create", "keys create --test", "keys create --workspace acme"))
    .action(async (_, command) => {
      const { create } = await import("../commands/keys.ts")
      await create(keysOptions(command), terminal)
    })
  keys
    .command("list")
    .description("all keys by their ids and last characters, or those of the --workspace that is named")
    .action(async (_, command) => {
      const { list } = await import("../commands/keys.ts")
      await list(keysOptions(command), terminal)
    })
  keys
    .command("revoke")
    .description("make a key invalid from the next call on, for ever")
    .argument("<id>", "as keys list shows it")
    .action(async (id, _, command) => {
      const { revoke } = await import("../commands/keys.ts")
      await revoke(id, command.optsWithGlobals(), terminal)
    })

  keys
    .command("rotate-unsubscribe")
    .description("draw another secret for unsubscribe links; links that were sent before work for two years")
    .option("--end-links", "end the links that were sent before, after the secret has leaked")
    .action(async (_, command) => {
      const { rotateUnsubscribe } = await import("../commands/keys.ts")
      await rotateUnsubscribe(command.optsWithGlobals(), terminal)
    })
}
