/**
 * `npm run mutation`: changes the rules and the model in one place at a time, with Stryker, and runs their tests against each
 * change. It fails when less than 95% are found out, or when one that is not has no argument in `survivors.ts`.
 * `--write` writes the figures and the arguments into docs/mutation.md; `--again` tests only what has changed; `--share` takes a
 * seventh of the files, another one each day, so that a week of nights takes them all.
 */
import { spawn } from "node:child_process"
import { globSync, readFileSync, writeFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { parseArgs } from "node:util"
import { argued } from "./survivors.ts"

interface Position {
  readonly line: number
  readonly column: number
}

interface Report {
  readonly files: Readonly<
    Record<
      string,
      {
        readonly source: string
        readonly mutants: ReadonlyArray<{
          readonly status: string
          readonly replacement?: string
          readonly location: { readonly start: Position; readonly end: Position }
        }>
      }
    >
  >
}

const root = join(import.meta.dirname, "..")
const goal = 95

const { values: options } = parseArgs({
  options: {
    write: { type: "boolean", default: false },
    again: { type: "boolean", default: false },
    share: { type: "boolean", default: false }
  }
})
if (options.write && options.share) throw new Error("--write is for all files: leave --share out")

/** The files of a day, counted from 1970 in UTC. */
const shareOf = (day: number): ReadonlyArray<string> =>
  globSync("packages/core/src/{model,rules}/!(*.d).ts", { cwd: root })
    .toSorted()
    .filter((_, index) => index % 7 === day % 7)

const run = (program: string, args: ReadonlyArray<string>): Promise<number> =>
  new Promise((resolve, reject) => {
    const PATH = [join(root, "node_modules", ".bin"), process.env["PATH"]].join(delimiter)
    // The longer runs of a night are not for each mutant.
    const { NIGHTLY: _, ...env } = process.env
    const child = spawn(program, args, { cwd: root, stdio: "inherit", env: { ...env, PATH } })
    child.on("error", reject)
    child.on("exit", (code) => resolve(code ?? 1))
  })

const textBetween = (source: string, start: Position, end: Position): string => {
  const lines = source.split("\n").slice(start.line - 1, end.line)
  lines[lines.length - 1] = lines.at(-1)?.slice(0, end.column - 1) ?? ""
  lines[0] = lines[0]?.slice(start.column - 1) ?? ""
  return lines.join(" ").replace(/\s+/g, " ")
}

// What is known of mutants and tests that have not changed is used again, or else found anew.
const anew = options.again ? [] : ["--force"]
const known = ["--incremental", "--incrementalFile", "reports/incremental.json"]
const share = options.share ? shareOf(Math.floor(Date.now() / 86_400_000)) : undefined
const mutated = share === undefined ? [] : ["--mutate", share.join(",")]
const exitCode = await run("stryker", ["run", ...known, ...anew, ...mutated])
if (exitCode !== 0) {
  console.error("Stryker did not come to its end")
  process.exit(exitCode)
}

const report: Report = JSON.parse(readFileSync(join(root, "reports", "mutation.json"), "utf8"))
const files = Object.entries(report.files)
  .filter(([path]) => share === undefined || share.includes(path))
  .map(([path, { mutants, source }]) => {
    const counted = mutants.filter(({ status }) => !/^(?:Ignored|CompileError|RuntimeError)$/.test(status))
    const survivors = counted
      .filter(({ status }) => status === "Survived" || status === "NoCoverage")
      .map(({ location: { end, start }, replacement = "" }) => {
        const [before, after] = [textBetween(source, start, end), replacement.replace(/\s+/g, " ")]
        const line = source.split("\n")[start.line - 1]?.trim() ?? ""
        return { before, after, line, because: argued(path, line, before, after) }
      })
    return { path, total: counted.length, survivors }
  })
  .filter(({ total }) => total > 0)
  .sort((a, b) => a.path.localeCompare(b.path))

const total = files.reduce((sum, file) => sum + file.total, 0)
const survivors = files.flatMap(({ path, survivors }) => survivors.map((survivor) => ({ path, ...survivor })))
const percent = (found: number, of: number) => `${((100 * found) / of).toFixed(1)}%`
const score = (100 * (total - survivors.length)) / total

const code = (text: string) => {
  const escaped = text.replaceAll("|", "\\|")
  return escaped.includes("`") ? `\`\` ${escaped} \`\`` : `\`${escaped}\``
}

const page = `# Mutation testing

Made by \`npm run mutation -- --write\`; do not edit. Each mutant is the rules or the model of \`@leadterra/core\`, changed in
one place. It is found out when one of their tests, or a law on the memory store, fails or does not come to an end.

${percent(total - survivors.length, total)} of ${total} mutants are found out.

| file | mutants | found out |
| --- | --- | --- |
${files.map(({ path, survivors, total }) => `| ${path.replace("packages/core/src/", "")} | ${total} | ${percent(total - survivors.length, total)} |`).join("\n")}

## Those that are not

Each for a reason: mostly they change nothing that a caller could see.

| where | was | became | why it lives |
| --- | --- | --- | --- |
${survivors.map(({ after, because, before, path }) => `| ${path.replace("packages/core/src/", "")} | ${code(before)} | ${code(after)} | ${because ?? "**not argued**"} |`).join("\n")}
`

if (options.write) writeFileSync(join(root, "docs", "mutation.md"), page)
const unexplained = survivors.filter(({ because }) => because === undefined)
for (const { after, before, line, path } of unexplained)
  console.error(`Not found out, and not argued: ${path}: ${before} => ${after}\n    ${line}`)
console.log(`${percent(total - survivors.length, total)} of ${total} mutants found out, ${goal}% asked for`)
process.exitCode = score >= goal && unexplained.length === 0 ? 0 : 1
