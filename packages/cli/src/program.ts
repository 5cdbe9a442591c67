/** The commands, their arguments and options, and the words of `--help`. What a command does is loaded when it is called. */
import { Argument, Command, InvalidArgumentError, Option } from "commander"
import type { CommonOptions } from "./session.ts"
import type { Terminal } from "./Terminal.ts"
import { version } from "./version.ts"

/** Takes a command's exit code, or 0 where it gives none. */
export type Done = (exitCode: number) => void

const integer =
  (minimum: number, maximum: number) =>
  (text: string): number => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= minimum && value <= maximum) return value
    throw new InvalidArgumentError(`It must be a whole number from ${minimum} to ${maximum}.`)
  }

const several = (value: string, before: ReadonlyArray<string> = []): ReadonlyArray<string> => [
  ...before,
  value
]

const examples = (...lines: ReadonlyArray<string>): string =>
  `\nExamples:\n${lines.map((line) => `  $ leadterra ${line}\n`).join("")}`

const inCampaign = () => new Option("-c, --campaign <id>", "the campaign").makeOptionMandatory()

/** Those of `@leadterra/files`, which is loaded when a list is read. */
const encodings = [
  ...["utf-8", "utf-16le", "utf-16be", "latin1", "iso-8859-2", "koi8-r", "macintosh", "windows-874"],
  ...["windows-1250", "windows-1251", "windows-1253", "windows-1254", "windows-1255", "windows-1256"],
  ...["windows-1257", "windows-1258", "big5", "euc-jp", "euc-kr", "gb18030", "shift_jis"]
]

/** The bound of `maxRecordBytes` in `@leadterra/files`, which is loaded when a list is read. */
const maxRecordBytesAtMost = 100_000_000

/** How a list is read, where it does not say so itself. */
const listOptions = () => [
  new Option("--format <format>", "what the file is, if neither its name nor its content says so").choices([
    "csv",
    "tsv",
    "ndjson",
    "json"
  ]),
  new Option("--delimiter <character>", "between cells: a character, or tab; found by itself otherwise"),
  new Option("--encoding <name>", "of the text; UTF-8, or that of its byte order mark, otherwise").choices(
    encodings
  ),
  new Option("--no-header", "the first line is a lead; map columns by their numbers"),
  new Option(
    "--map <column=field>",
    "a column or key to a field: email, firstName, lastName, company, jobTitle or a name of yours; COLUMN= leaves it out; may be repeated"
  ).argParser(several),
  new Option(
    "--skip-lines <lines>",
    "leave out lines above the names of the columns; found by itself up to 10"
  ).argParser(integer(0, Number.MAX_SAFE_INTEGER)),
  new Option("--split-name", "split a column of full names into firstName and lastName"),
  new Option("--max-record-bytes <bytes>", "of one row, 1,000,000 otherwise").argParser(
    integer(1, maxRecordBytesAtMost)
  ),
  new Option(
    "--max-bytes <bytes>",
    "of the whole list once it is unpacked, 4,000,000,000 otherwise"
  ).argParser(integer(1, Number.MAX_SAFE_INTEGER))
]

const withOptions = (command: Command, options: ReadonlyArray<Option>): Command => {
  for (const option of options) command.addOption(option)
  return command
}

const keysOptions = (command: Command) => ({
  ...command.optsWithGlobals<CommonOptions & { readonly test?: boolean }>(),
  isWorkspaceNamed: command.getOptionValueSourceWithGlobals("workspace") === "cli"
})

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

  const campaign = program.command("campaign").description("make campaigns, start and pause them")
  campaign
    .command("create")
    .description("make a draft, and print its id")
    .argument("<name>", "what people call it")
    .option("--steps <file>", "JSON: an array of { subject, bodyHtml, delayDays }")
    .addHelpText("after", examples('campaign create "Spring" --steps steps.json'))
    .action(async (name, _, command) => {
      const { create } = await import("./commands/campaign.ts")
      await create(name, command.optsWithGlobals(), terminal)
    })
  campaign
    .command("list")
    .description("all campaigns of the workspace")
    .action(async (_, command) => {
      const { list } = await import("./commands/campaign.ts")
      await list(command.optsWithGlobals(), terminal)
    })
  campaign
    .command("show")
    .description("one campaign and its steps")
    .argument("<id>")
    .action(async (id, _, command) => {
      const { show } = await import("./commands/campaign.ts")
      await show(id, command.optsWithGlobals(), terminal)
    })
  campaign
    .command("rename")
    .description("give a draft another name")
    .argument("<id>")
    .argument("<name>", "what people call it")
    .addHelpText("after", examples('campaign rename ID "Spring"'))
    .action(async (id, name, _, command) => {
      const { rename } = await import("./commands/campaign.ts")
      await rename(id, name, command.optsWithGlobals(), terminal)
    })
  campaign
    .command("steps")
    .description("replace the steps of a draft, or the copy and delays of one that is paused")
    .argument("<id>")
    .argument("<file>", "JSON: an array of { subject, bodyHtml, delayDays }")
    .action(async (id, file, _, command) => {
      const { replaceSteps } = await import("./commands/campaign.ts")
      await replaceSteps(id, file, command.optsWithGlobals(), terminal)
    })
  campaign
    .command("start")
    .description("queue the first step for everyone, or go on after a pause")
    .argument("<id>")
    .action(async (id, _, command) => {
      const { start } = await import("./commands/campaign.ts")
      await start(id, command.optsWithGlobals(), terminal)
    })
  campaign
    .command("pause")
    .description("hand out nothing until the next start")
    .argument("<id>")
    .action(async (id, _, command) => {
      const { pause } = await import("./commands/campaign.ts")
      await pause(id, command.optsWithGlobals(), terminal)
    })

  const leads = program.command("leads").description("import lists, look at leads, export them")
  withOptions(
    leads
      .command("import")
      .description(
        "enrol a list into a campaign: CSV, TSV, NDJSON or a JSON array, also gzipped; - reads what is piped in"
      )
      .argument("<file>")
      .addOption(inCampaign())
      .option("-n, --dry-run", "tell what would happen, and write nothing")
      .option("--failed <file>", "write the rows that fail there, to be corrected and imported"),
    listOptions()
  )
    .addOption(
      new Option("--batch-size <rows>", "rows that land together")
        .default(1_000)
        .argParser(integer(500, 10_000))
    )
    .addOption(
      new Option("--from <row>", "pass over so many rows, as a stopped import says").argParser(
        integer(0, Number.MAX_SAFE_INTEGER)
      )
    )
    .addHelpText(
      "after",
      examples(
        "leads import list.csv --campaign ID",
        "leads import list.csv --campaign ID --dry-run",
        "leads import list.csv --campaign ID --failed failed.csv",
        'leads import crm.csv --campaign ID --map "Work Mail=email" --map "Internal Notes="',
        "leads import - --format ndjson --campaign ID < leads.ndjson"
      )
    )
    .action(async (file, _, command) => {
      const { importLeads } = await import("./commands/import.ts")
      done(await importLeads(file, command.optsWithGlobals(), terminal))
    })
  withOptions(
    leads
      .command("coverage")
      .description("for how many rows of a list which tokens would render empty, before it is imported")
      .argument("<file>")
      .addOption(inCampaign()),
    listOptions()
  )
    .addHelpText("after", examples("leads coverage list.csv --campaign ID"))
    .action(async (file, _, command) => {
      const { coverage } = await import("./commands/leads.ts")
      await coverage(file, command.optsWithGlobals(), terminal)
    })
  leads
    .command("show")
    .description("what is known of a lead")
    .argument("<email>", "in any spelling")
    .action(async (email, _, command) => {
      const { show } = await import("./commands/leads.ts")
      await show(email, command.optsWithGlobals(), terminal)
    })
  leads
    .command("explain")
    .description("why a lead is, or is not, being sent something")
    .argument("<email>", "in any spelling")
    .addOption(inCampaign())
    .action(async (email, _, command) => {
      const { explain } = await import("./commands/leads.ts")
      await explain(email, command.optsWithGlobals(), terminal)
    })
  leads
    .command("export")
    .description("the leads of a campaign, with position and state")
    .addOption(inCampaign())
    .addOption(
      new Option("--format <format>", "csv, or by the name of the output").choices(["csv", "ndjson"])
    )
    .option("-o, --output <file>", "write there instead of printing")
    .option("--no-neutralise", "leave cells as they are that a spreadsheet would run as formulas")
    .addHelpText(
      "after",
      examples("leads export --campaign ID --output spring.csv", "leads export --campaign ID --format ndjson")
    )
    .action(async (_, command) => {
      const { exportLeads } = await import("./commands/export.ts")
      await exportLeads(command.optsWithGlobals(), terminal)
    })

  program
    .command("preview")
    .description("the messages of a campaign as one lead would get them now")
    .addOption(inCampaign())
    .requiredOption("-e, --email <email>", "the lead, in any spelling")
    .addHelpText("after", examples("preview --campaign ID --email ava@acmecorp.com"))
    .action(async (_, command) => {
      const { preview } = await import("./commands/leads.ts")
      await preview(command.optsWithGlobals(), terminal)
    })

  const suppress = program.command("suppress").description("who gets no mail, by address or by domain")
  withOptions(
    suppress
      .command("add")
      .description("put addresses and domains on the list, and end their enrolments")
      .argument(
        "<entries...>",
        "addresses, domains such as @acme.com, files of them (text with one a line, or a list), or - for what is piped in"
      )
      .option("--reason <text>", "kept with each"),
    listOptions()
  )
    .addHelpText(
      "after",
      examples(
        "suppress add ava@acmecorp.com @competitor.com",
        'suppress add unsubscribed.csv --reason "asked us to"'
      )
    )
    .action(async (entries, _, command) => {
      const { add } = await import("./commands/suppress.ts")
      done(await add(entries, command.optsWithGlobals(), terminal))
    })
  suppress
    .command("remove")
    .description("take entries off the list; it restarts nothing")
    .argument("<entries...>")
    .option("--actor <name>", "who does so, kept in the events; by default the user of the system")
    .action(async (entries, _, command) => {
      const { remove } = await import("./commands/suppress.ts")
      await remove(entries, command.optsWithGlobals(), terminal)
    })
  suppress
    .command("list")
    .description("all entries; with --json one object a line")
    .action(async (_, command) => {
      const { list } = await import("./commands/suppress.ts")
      await list(command.optsWithGlobals(), terminal)
    })
  suppress
    .command("check")
    .description("whether addresses are suppressed, by themselves or by their domain")
    .argument("<emails...>")
    .action(async (emails, _, command) => {
      const { check } = await import("./commands/suppress.ts")
      await check(emails, command.optsWithGlobals(), terminal)
    })

  program
    .command("stats")
    .description("the numbers of a campaign")
    .argument("<id>")
    .action(async (id, _, command) => {
      const { stats } = await import("./commands/campaign.ts")
      await stats(id, command.optsWithGlobals(), terminal)
    })

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
      const { serve } = await import("./commands/serve.ts")
      await serve(command.optsWithGlobals(), terminal)
    })

  program
    .command("mcp")
    .description("serve a model by the Model Context Protocol over the standard input and output")
    .addHelpText("after", examples("mcp", "mcp --db postgres://leadterra@db.example/leads --workspace acme"))
    .action(async (_, command) => {
      const { mcp } = await import("./commands/mcp.ts")
      await mcp(command.optsWithGlobals(), terminal)
    })

  const keys = program.command("keys").description("API keys of leadterra serve")
  keys
    .command("create")
    .description("make a key, and print it this once")
    .option("--test", "for a test workspace, by default NAME-test where NAME is the live one's")
    .addHelpText("after", examples("keys create", "keys create --test", "keys create --workspace acme"))
    .action(async (_, command) => {
      const { create } = await import("./commands/keys.ts")
      await create(keysOptions(command), terminal)
    })
  keys
    .command("list")
    .description("all keys by their ids and last characters, or those of the --workspace that is named")
    .action(async (_, command) => {
      const { list } = await import("./commands/keys.ts")
      await list(keysOptions(command), terminal)
    })
  keys
    .command("revoke")
    .description("make a key invalid from the next call on, for ever")
    .argument("<id>", "as keys list shows it")
    .action(async (id, _, command) => {
      const { revoke } = await import("./commands/keys.ts")
      await revoke(id, command.optsWithGlobals(), terminal)
    })

  keys
    .command("rotate-unsubscribe")
    .description("draw another secret for unsubscribe links; links that were sent before work for two years")
    .option("--end-links", "end the links that were sent before, after the secret has leaked")
    .action(async (_, command) => {
      const { rotateUnsubscribe } = await import("./commands/keys.ts")
      await rotateUnsubscribe(command.optsWithGlobals(), terminal)
    })

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
