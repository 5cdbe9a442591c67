/** Scripts that complete commands and options in a shell, made from the commands themselves. */
import type { Command, Option } from "commander"

/** A command by the words that lead to it, and what may follow. */
interface Place {
  readonly path: string
  readonly command: Command
  readonly commands: ReadonlyArray<Command>
  readonly options: ReadonlyArray<Option>
}

const placesOf = (command: Command, path: string): ReadonlyArray<Place> => {
  const commands = command
    .createHelp()
    .visibleCommands(command)
    .filter((sub) => sub.name() !== "help")
  const options = command.createHelp().visibleOptions(command)
  const own: Place = { path, command, commands, options }
  return [own, ...commands.flatMap((sub) => placesOf(sub, `${path} ${sub.name()}`))]
}

const flagsOf = ({ long, short }: Option): ReadonlyArray<string> =>
  [short, long].filter((flag) => flag !== undefined && flag !== null)

const choicesOf = (option: Option): string => (option.argChoices ?? []).join(" ")

export const completions = (program: Command, shell: string): string => {
  const [root, ...places] = placesOf(program, program.name())
  if (root === undefined) return ""
  // Options of the whole go with every command.
  const all = [root, ...places].map((place) =>
    place === root
      ? place
      : { ...place, options: [...place.options, ...root.options.filter(({ long }) => long !== "--help")] }
  )
  return shell === "fish" ? fish(all) : bash(all, shell === "zsh")
}

const bash = (places: ReadonlyArray<Place>, isZsh: boolean): string => {
  const names = places.map(
    ({ command, commands, path }) =>
      `    "${path}") words="${[...commands.map((sub) => sub.name()), ...argumentsOf(command)].join(" ")}" ;;`
  )
  const flags = places.map(
    ({ options, path }) => `    "${path}") words="${options.flatMap(flagsOf).join(" ")}" ;;`
  )
  // Of an option that takes a value its choices; without any, the shell offers files.
  const values = places.flatMap(({ options, path }) =>
    options
      .filter((option) => option.required || option.optional)
      .flatMap((option) =>
        flagsOf(option).map((flag) => `    "${path} ${flag}") words="${choicesOf(option)}"; return ;;`)
      )
  )
  const known = places.map(({ path }) => `"${path}"`).join("|")
  return `${isZsh ? "#compdef leadterra\nautoload -U +X bashcompinit && bashcompinit\n" : ""}_leadterra_words() {
  local word place="leadterra" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    case "$place $word" in
    ${known}) place="$place $word" ;;
    esac
  done
  case "$place $before" in
${values.join("\n")}
  esac
  case "$current" in
  -*) case "$place" in
${flags.join("\n")}
    esac ;;
  *) case "$place" in
${names.join("\n")}
    esac ;;
  esac
}
_leadterra() {
  local words="" current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  _leadterra_words
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _leadterra leadterra
`
}

/** What an argument may be, where that is known. */
const argumentsOf = (command: Command): ReadonlyArray<string> =>
  command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices)

const fish = (places: ReadonlyArray<Place>): string => {
  const quoted = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`
  const lines = places.flatMap(({ commands, options, path }) => {
    const [, ...words] = path.split(" ")
    const seen = words.map((word) => `__fish_seen_subcommand_from ${word}`)
    const names = commands.map((command) => command.name()).join(" ")
    const unseen = commands.length === 0 ? [] : [`not __fish_seen_subcommand_from ${names}`]
    const when = quoted([...seen, ...unseen].join("; and "))
    const condition = seen.length + unseen.length === 0 ? "" : ` -n ${when}`
    return [
      ...commands.map(
        (command) =>
          `complete -c leadterra -f${condition} -a ${command.name()} -d ${quoted(command.description())}`
      ),
      ...options.map(({ description, ...option }) => {
        const long = option.long === undefined ? "" : ` -l ${option.long.slice(2)}`
        const short = option.short === undefined ? "" : ` -s ${option.short.slice(1)}`
        const choices = option.argChoices === undefined ? "" : ` -x -a ${quoted(option.argChoices.join(" "))}`
        return `complete -c leadterra${condition}${long}${short}${choices} -d ${quoted(description)}`
      })
    ]
  })
  return `${lines.join("\n")}\n`
}
