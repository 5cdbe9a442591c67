/** Scripts that complete commands and options in a shell, made from the commands themselves. */
import type { Command, Option } from "commander"

/** A command by the words that lead to it, and what may follow. */
interface Place {
  readonly path: string
  readonly commands: ReadonlyArray<Command>
  readonly options: ReadonlyArray<Option>
}

const placesOf = (command: Command, path: string): ReadonlyArray<Place> => {
  const commands = command
    .createHelp()
    .visibleCommands(command)
    .filter((sub) => sub.name() !== "help")
  const options = command.createHelp().visibleOptions(command)
  const own: Place = { path, commands, options }
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
    place === root ? place : { ...place, options: [...place.options, ...root.options] }
  )
  return shell === "fish" ? fish(all) : bash(all, shell === "zsh")
}

const bash = (places: ReadonlyArray<Place>, isZsh: boolean): string => {
  const words = places.map(({ commands, options, path }) => {
    const next = [...commands.map((command) => command.name()), ...options.flatMap(flagsOf)]
    return `    "${path}") words="${next.join(" ")}" ;;`
  })
  const values = places.flatMap(({ options, path }) =>
    options
      .filter((option) => option.argChoices !== undefined)
      .map((option) => `    "${path} ${option.long}") words="${choicesOf(option)}" ;;`)
  )
  const known = places.map(({ path }) => `"${path}"`).join("|")
  return `${isZsh ? "#compdef leadterra\nautoload -U +X bashcompinit && bashcompinit\n" : ""}_leadterra() {
  local word words="" place="leadterra" i
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    case "$place $word" in
    ${known}) place="$place $word" ;;
    esac
  done
  case "$place $before" in
${values.join("\n")}
    *) case "$place" in
${words.join("\n")}
    esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _leadterra leadterra
`
}

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
