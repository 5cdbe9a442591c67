/** The commands of lists and leads. */
import { type Command, Option } from "commander"
import type { Terminal } from "../Terminal.ts"
import type { Done } from "./Done.ts"
import { withListOptions } from "./listOptions.ts"
import { examples, inCampaign, integer } from "./options.ts"

export const addLeads = (program: Command, terminal: Terminal, done: Done): void => {
  const leads = program.command("leads").description("import lists, look at leads, export them")
  withListOptions(
    leads
      .command("import")
      .description(
        "enrol a list into a campaign: CSV, TSV, NDJSON or a JSON array, also gzipped; - reads what is piped in"
      )
      .argument("<file>")
      .addOption(inCampaign())
      .option("-n, --dry-run", "tell what would happen, and write nothing")
      .option("--failed <file>", "write the rows that fail there, to be corrected and imported")
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
      const { importLeads } = await import("../commands/import.ts")
      done(await importLeads(file, command.optsWithGlobals(), terminal))
    })
  withListOptions(
    leads
      .command("coverage")
      .description("for how many rows of a list which tokens would render empty, before it is imported")
      .argument("<file>")
      .addOption(inCampaign())
  )
    .addHelpText("after", examples("leads coverage list.csv --campaign ID"))
    .action(async (file, _, command) => {
      const { coverage } = await import("../commands/leads.ts")
      await coverage(file, command.optsWithGlobals(), terminal)
    })
  leads
    .command("show")
    .description("what is known of a lead")
    .argument("<email>", "in any spelling")
    .action(async (email, _, command) => {
      const { show } = await import("../commands/leads.ts")
      await show(email, command.optsWithGlobals(), terminal)
    })
  leads
    .command("explain")
    .description("why a lead is, or is not, being sent something")
    .argument("<email>", "in any spelling")
    .addOption(inCampaign())
    .action(async (email, _, command) => {
      const { explain } = await import("../commands/leads.ts")
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
      const { exportLeads } = await import("../commands/export.ts")
      await exportLeads(command.optsWithGlobals(), terminal)
    })
}

export const addPreview = (program: Command, terminal: Terminal): void => {
  program
    .command("preview")
    .description("the messages of a campaign as one lead would get them now")
    .addOption(inCampaign())
    .requiredOption("-e, --email <email>", "the lead, in any spelling")
    .addHelpText("after", examples("preview --campaign ID --email ava@acmecorp.com"))
    .action(async (_, command) => {
      const { preview } = await import("../commands/leads.ts")
      await preview(command.optsWithGlobals(), terminal)
    })
}
