/** The commands, their arguments and options, and the words of `--help`. What a command does is loaded when it is called. */
import { Argument, Command, Option } from "commander"
import { addCampaign, addStats } from "./program/campaign.ts"
import type { Done } from "./program/Done.ts"
import { addKeys } from "./program/keys.ts"
import { addLeads, addPreview } from "./program/leads.ts"
import { examples } from "./program/options.ts"
import { addMcp, addServe } from "./program/servers.ts"
import { addSuppress } from "./program/suppress.ts"
import type { Terminal } from "./Terminal.ts"
import { version } from "./version.ts"

/** Builds the commands. Each hands its exit code to `done`. */
export const buildProgram = (terminal: Terminal, done: Done): Command => {
  const program = new Command("leadterra")
    .description("Campaigns, lists of leads and suppressions on a SQLite file")
    .version(version, "-V, --version")
    .addOption(
      new Option("--db <store>", "a SQLite file, or postgres://user@host/database")
        .default("leads.db")
        .env("LEADTERRA_DB")
    )
    .addOption(
      new Option("--workspace <id>", "whose campaigns and leads")
        .default("default")
        .env("LEADTERRA_WORKSPACE")
    )
    .option("--json", "answer as JSON, for scripts")
    .showHelpAfterError("(leadterra --help shows how)")
    .configureHelp({ showGlobalOptions: true })
    .addHelpText(
      "after",
      `${examples(
        'campaign create "Spring" --steps steps.json',
        "leads import list.csv --campaign ID --failed failed.csv",
        "campaign start ID"
      )}
Exit codes: 0 done, 1 a bug, 2 wrong usage, 3 some rows failed, 4 the store failed, 5 refused, 6 a file failed, 130 stopped`
    )

  addCampaign(program, terminal)
  addLeads(program, terminal, done)
  addPreview(program, terminal)
  addSuppress(program, terminal, done)
  addStats(program, terminal)
  addServe(program, terminal)
  addMcp(program, terminal)
  addKeys(program, terminal)

  program
    .command("completions")
    .description("print a shell completion script")
    .addArgument(new Argument("<shell>").choices(["bash", "zsh", "fish"]))
    .addHelpText(
      "after",
      `
Examples:
  $ leadterra completions bash >> ~/.bashrc
  $ leadterra completions zsh > ~/.zfunc/_leadterra
  $ leadterra completions fish > ~/.config/fish/completions/leadterra.fish
`
    )
    .action(async (shell) => {
      const { completions } = await import("./completions.ts")
      await terminal.out(completions(program, shell))
    })
  return program
}
