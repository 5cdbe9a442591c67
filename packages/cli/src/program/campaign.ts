/** The commands of campaigns. */
import type { Command } from "commander"
import type { Terminal } from "../Terminal.ts"
import { examples } from "./options.ts"

export const addCampaign = (program: Command, terminal: Terminal): void => {
  const campaign = program.command("campaign").description("make campaigns, start and pause them")
  campaign
    .command("create")
    .description("make a draft, and print its id")
    .argument("<name>", "what people call it")
    .option("--steps <file>", "JSON: an array of { subject, bodyHtml, delayDays }")
    .addHelpText("after", examples('campaign create "Spring" --steps steps.json'))
    .action(async (name, _, command) => {
      const { create } = await import("../commands/campaign.ts")
      await create(name, command.optsWithGlobals(), terminal)
    })
  campaign
    .command("list")
    .description("all campaigns of the workspace")
    .action(async (_, command) => {
      const { list } = await import("../commands/campaign.ts")
      await list(command.optsWithGlobals(), terminal)
    })
  campaign
    .command("show")
    .description("one campaign and its steps")
    .argument("<id>")
    .action(async (id, _, command) => {
      const { show } = await import("../commands/campaign.ts")
      await show(id, command.optsWithGlobals(), terminal)
    })
  campaign
    .command("rename")
    .description("give a draft another name")
    .argument("<id>")
    .argument("<name>", "what people call it")
    .addHelpText("after", examples('campaign rename ID "Spring"'))
    .action(async (id, name, _, command) => {
      const { rename } = await import("../commands/campaign.ts")
      await rename(id, name, command.optsWithGlobals(), terminal)
    })
  campaign
    .command("steps")
    .description("replace the steps of a draft, or the copy and delays of one that is paused")
    .argument("<id>")
    .argument("<file>", "JSON: an array of { subject, bodyHtml, delayDays }")
    .action(async (id, file, _, command) => {
      const { replaceSteps } = await import("../commands/campaign.ts")
      await replaceSteps(id, file, command.optsWithGlobals(), terminal)
    })
  campaign
    .command("start")
    .description("queue the first step for everyone, or go on after a pause")
    .argument("<id>")
    .action(async (id, _, command) => {
      const { start } = await import("../commands/campaign.ts")
      await start(id, command.optsWithGlobals(), terminal)
    })
  campaign
    .command("pause")
    .description("hand out nothing until the next start")
    .argument("<id>")
    .action(async (id, _, command) => {
      const { pause } = await import("../commands/campaign.ts")
      await pause(id, command.optsWithGlobals(), terminal)
    })
}

export const addStats = (program: Command, terminal: Terminal): void => {
  program
    .command("stats")
    .description("the numbers of a campaign")
    .argument("<id>")
    .action(async (id, _, command) => {
      const { stats } = await import("../commands/campaign.ts")
      await stats(id, command.optsWithGlobals(), terminal)
    })
}
