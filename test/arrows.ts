/**
 * Which part of the source may import which. The table is the rule; `violations` holds a map of files against it,
 * and finds import cycles. Types count as imports: an arrow is about what a reader must know, not about what runs.
 */
import { posix } from "node:path"

interface Layer {
  readonly name: string
  readonly files: RegExp
  /** Layers of the same package. A layer may always import itself. */
  readonly below: ReadonlyArray<string>
  /** Entries of other packages of this workspace. */
  readonly entries: ReadonlyArray<string>
  readonly libraries: "any" | ReadonlyArray<string>
  /** Exports of those entries that this layer may not name. */
  readonly without?: ReadonlyArray<string>
  readonly pure?: true
}

const useCases = ["Campaigns", "Leads", "Suppression", "Delivery", "Events", "Template"]

const pure = ["effect/Brand", "effect/Option", "effect/Result", "effect/Schema", "parse5", "tr46"]

/** The first layer whose pattern matches a file is its layer. */
export const layers: ReadonlyArray<Layer> = [
  { name: "model", files: /^core\/src\/model\//, below: [], entries: [], libraries: pure, pure: true },
  { name: "rules", files: /^core\/src\/rules\//, below: ["model"], entries: [], libraries: pure, pure: true },
  {
    name: "port",
    files: /^core\/src\/Repository\.ts$/,
    below: ["model", "rules"],
    entries: [],
    libraries: "any"
  },
  {
    name: "core's entry",
    files: /^core\/src\/(index|promise|lint)\.ts$/,
    below: ["model", "rules", "port", "use cases"],
    entries: [],
    libraries: "any"
  },
  {
    name: "use cases",
    files: /^core\/src\/[^/]+\.ts$/,
    below: ["model", "rules", "port"],
    entries: [],
    libraries: "any"
  },
  {
    name: "adapter",
    files: /^adapter-[^/]+\/src\//,
    below: [],
    entries: ["@leadterra/core"],
    libraries: "any",
    without: useCases
  },
  {
    name: "files",
    files: /^files\/src\//,
    below: [],
    entries: ["@leadterra/core"],
    libraries: "any",
    without: useCases
  },
  {
    name: "server store",
    files:
      /^http\/src\/(ServerStore\.ts|keys\/|secrets\/|stores\/|imports\/ImportsStore\.ts|webhooks\/Webhook(Store)?\.ts$)/,
    below: [],
    entries: ["@leadterra/core"],
    libraries: "any",
    without: useCases
  },
  {
    name: "http on Node",
    files: /^http\/src\/node\//,
    below: ["server store", "http"],
    entries: ["@leadterra/core", "@leadterra/files"],
    libraries: "any"
  },
  {
    name: "http",
    files: /^http\/src\//,
    below: ["server store"],
    entries: ["@leadterra/core", "@leadterra/core/promise"],
    libraries: "any"
  },
  {
    name: "client",
    files: /^client\/src\//,
    below: [],
    entries: [],
    libraries: []
  },
  {
    name: "command line",
    files: /^cli\/src\//,
    below: [],
    entries: [
      "@leadterra/core",
      "@leadterra/core/promise",
      "@leadterra/adapter-postgres",
      "@leadterra/adapter-sqlite",
      "@leadterra/files",
      "@leadterra/http",
      "@leadterra/http/node",
      "@leadterra/http/postgres",
      "@leadterra/http/reference",
      "@leadterra/http/sqlite"
    ],
    libraries: "any"
  },
  {
    name: "conformance",
    files: /^conformance\/src\//,
    below: [],
    entries: ["@leadterra/core", "@leadterra/adapter-memory"],
    libraries: "any"
  }
]

/** What makes a function answer differently from one call to the next, or act on the world. */
const impure = [
  /\bDate\.now\b/,
  /\bDate\(/,
  /\bMath\.random\b/,
  /\bperformance\.now\b/,
  /\bprocess\./,
  /\bconsole\./,
  /\bcrypto\./,
  /\bglobalThis\b/
]

interface Import {
  readonly specifier: string
  /** The names taken, or `*` for all of them. */
  readonly names: ReadonlyArray<string>
}

const lexeme =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|(?<=[(,=:[!&|?{};>]\s*|\breturn\s+)\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\//g

const withoutComments = (source: string) =>
  source.replace(lexeme, (text) => (/^\/[/*]/.test(text) ? " " : text))

const withoutCommentsAndStrings = (source: string) =>
  source.replace(lexeme, (text) => (text.startsWith("`") ? text : " "))

const statement =
  /\b(?:import|export)\s+(?:type\s+)?(?:[\w$]+\s*,\s*)?(\*(?:\s*as\s+[\w$]+)?|\{[^}]*\}|[\w$]+)\s*from\s*["']([^"']+)["']/g
const bare = /\b(?:import|require)\s*\(?\s*["'`]([^"'`]+)["'`]/g

function importsOf(source: string): ReadonlyArray<Import> {
  const code = withoutComments(source)
  const named = Array.from(code.matchAll(statement), ([, clause = "", specifier = ""]) => ({
    specifier,
    names: clause.startsWith("{") ? clause.split(/[{},]/).map(importedName).filter(Boolean) : ["*"]
  }))
  const whole = Array.from(code.matchAll(bare), ([, specifier = ""]) => ({ specifier, names: ["*"] }))
  return [...named, ...whole]
}

const importedName = (text: string) =>
  text
    .trim()
    .replace(/^type\s+/, "")
    .replace(/\s+as\s.*$/s, "")

const layerOf = (file: string) => layers.find((layer) => layer.files.test(file))

const packageOf = (file: string) => file.slice(0, file.indexOf("/"))

/** The file of this workspace that an import leads to, when it leads to one. */
function target(file: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) return posix.join(posix.dirname(file), specifier)
  const [, name, entry = "index"] = /^@leadterra\/([^/]+)(?:\/(.+))?$/.exec(specifier) ?? []
  return name === undefined ? undefined : `${name}/src/${entry}.ts`
}

function offence(file: string, layer: Layer, { specifier, names }: Import): string | undefined {
  const to = target(file, specifier)
  if (to === undefined) {
    const allowed = layer.libraries === "any" || layer.libraries.includes(specifier)
    return allowed ? undefined : `${layer.name} may not import ${specifier}`
  }
  if (specifier.startsWith(".")) {
    if (packageOf(to) !== packageOf(file)) return `reaches into another package by ${specifier}`
    const other = layerOf(to)
    const allowed = other === layer || (other !== undefined && layer.below.includes(other.name))
    return allowed
      ? undefined
      : `${layer.name} may not import ${other?.name ?? "nothing known"} (${specifier})`
  }
  if (!layer.entries.includes(specifier)) return `${layer.name} may not import ${specifier}`
  const refused = names.filter(
    (name) => layer.without !== undefined && [...layer.without, "*"].includes(name)
  )
  return refused.length === 0 ? undefined : `${layer.name} may not take ${refused} from ${specifier}`
}

function cycles(files: ReadonlyMap<string, string>): ReadonlyArray<string> {
  const found: Array<string> = []
  const done = new Set<string>()
  const visit = (file: string, trail: ReadonlyArray<string>): void => {
    if (trail.includes(file)) {
      found.push(`import cycle: ${[...trail.slice(trail.indexOf(file)), file].join(" -> ")}`)
      return
    }
    const source = files.get(file)
    if (source === undefined || done.has(file)) return
    for (const { specifier } of importsOf(source)) {
      const to = target(file, specifier)
      if (to !== undefined) visit(to, [...trail, file])
    }
    done.add(file)
  }
  for (const file of files.keys()) visit(file, [])
  return found
}

/** Every breach of the table, and every import cycle. Paths are relative to `packages/`, with `/`. */
export function violations(files: ReadonlyMap<string, string>): ReadonlyArray<string> {
  const found: Array<string> = []
  for (const [file, source] of files) {
    const layer = layerOf(file)
    if (layer === undefined) {
      found.push(`${file}: belongs to no layer of the table`)
      continue
    }
    for (const taken of importsOf(source)) {
      const reason = offence(file, layer, taken)
      if (reason !== undefined) found.push(`${file}: ${reason}`)
    }
    if (layer.pure) {
      const code = withoutCommentsAndStrings(source)
      for (const pattern of impure) {
        const [mention] = pattern.exec(code) ?? []
        if (mention !== undefined) found.push(`${file}: ${layer.name} may not use ${mention}`)
      }
    }
  }
  return [...found, ...cycles(files)]
}
