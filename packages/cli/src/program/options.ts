/** The options and words that several commands share. */
import { InvalidArgumentError, Option } from "commander"

/** Parses a whole number within bounds. */
export const integer =
  (minimum: number, maximum: number) =>
  (text: string): number => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= minimum && value <= maximum) return value
    throw new InvalidArgumentError(`It must be a whole number from ${minimum} to ${maximum}.`)
  }

/** Collects the values of an option that may be repeated. */
export const several = (value: string, before: ReadonlyArray<string> = []): ReadonlyArray<string> => [
  ...before,
  value
]

export const examples = (...lines: ReadonlyArray<string>): string =>
  `\nExamples:\n${lines.map((line) => `  $ leadterra ${line}\n`).join("")}`

export const inCampaign = () => new Option("-c, --campaign <id>", "the campaign").makeOptionMandatory()
