/** What the tests of the docs read out of a Markdown file: its fenced blocks, links, anchors and npm scripts. */

export interface Block {
  /** Where the fence opens, counted from 1. */
  readonly line: number
  /** The words after the fence, such as `ts no-run`. */
  readonly info: string
  readonly code: string
  /** The block that follows with nothing but empty lines between. */
  readonly next: Block | undefined
}

const fence = /^( *)(`{3,})([^`]*)$/

export function blocksOf(markdown: string): ReadonlyArray<Block> {
  const lines = markdown.split(/\r?\n/)
  const found: Array<Omit<Block, "next"> & { readonly end: number }> = []
  for (let at = 0; at < lines.length; at += 1) {
    const [, indent = "", ticks, info = ""] = fence.exec(lines[at] ?? "") ?? []
    if (ticks === undefined) continue
    const start = at
    const code: Array<string> = []
    for (at += 1; at < lines.length && lines[at]?.trim() !== ticks; at += 1) {
      code.push((lines[at] ?? "").replace(new RegExp(`^ {0,${indent.length}}`), ""))
    }
    found.push({ line: start + 1, info: info.trim(), code: `${code.join("\n")}\n`, end: at })
  }
  const blocks: Array<Block> = []
  for (const { end, ...block } of found.toReversed()) {
    const after = blocks.at(-1)
    const between = lines.slice(end + 1, after === undefined ? undefined : after.line - 1)
    blocks.push({ ...block, next: between.every((line) => line.trim() === "") ? after : undefined })
  }
  return blocks.toReversed()
}

/** The text without its fenced blocks; line numbers stay. */
function prose(markdown: string): string {
  let inside: string | undefined
  const lines = markdown.split(/\r?\n/).map((line) => {
    const ticks = fence.exec(line)?.[2]
    if (inside === undefined && ticks === undefined) return line
    if (inside === undefined) inside = ticks
    else if (line.trim() === inside) inside = undefined
    return ""
  })
  return lines.join("\n")
}

/** The targets of links that lead to a file or a heading here, as they are written. */
export function relativeLinks(markdown: string): ReadonlyArray<string> {
  const text = prose(markdown).replace(/(`+)(?!`).+?\1/g, (code) => code.replace(/[[\]()]/g, " "))
  const inline = text.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)
  const references = text.matchAll(/^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)/gm)
  return [...inline, ...references]
    .map(([, to = ""]) => to)
    .filter((to) => !/^([a-z][a-z+.-]*:|\/\/)/i.test(to))
}

/** The anchors of the headings, as GitHub makes them. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const anchors = new Set<string>()
  for (const [, heading = ""] of prose(markdown).matchAll(/^ {0,3}#{1,6}\s+(.+?)\s*#*\s*$/gm)) {
    const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase()
    const slug = text.replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "").replaceAll(" ", "-")
    let anchor = slug
    for (let again = 1; anchors.has(anchor); again += 1) anchor = `${slug}-${again}`
    anchors.add(anchor)
  }
  for (const [, id = ""] of prose(markdown).matchAll(/<a\s+(?:id|name)="([^"]+)"/g)) anchors.add(id)
  return anchors
}

/** The scripts of package.json that the text, or a command in it, tells to run. */
export function scriptsNamed(markdown: string): ReadonlyArray<string> {
  const runs = Array.from(
    markdown.matchAll(/\bnpm run (?:--?[\w-]+ )*([\w:.-]*\w)/g),
    ([, script = ""]) => script
  )
  return /\bnpm (?:test|t)\b/.test(markdown) ? [...runs, "test"] : runs
}
