/**
 * Writes the bill of materials of a release, as CycloneDX: the packages and everything that npm
 * installs with them, as `npm sbom` lists it, and below the command line the libraries that are
 * bundled into it.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import type { Packed } from "./pack.ts"
import { run } from "./run.ts"

interface Component {
  readonly name: string
  readonly version: string
  readonly [key: string]: unknown
}

/** The parts of a bill that are read here. */
export interface Bill {
  readonly bomFormat: string
  readonly metadata: { readonly component: Component }
  readonly components: ReadonlyArray<Component>
}

const purlOf = (name: string, version: string): string => `pkg:npm/${name.replace("@", "%40")}@${version}`

/**
 * Writes the bill beside the tarballs and returns its path. Packages that are not packed here have
 * the registry's newest versions.
 */
export async function writeBill(packed: ReadonlyArray<Packed>): Promise<string> {
  const [first] = packed
  if (first === undefined) throw new Error("there is no package to list: pack some first")
  const folder = join(dirname(first.tarball), "leadterra")
  mkdirSync(folder, { recursive: true })
  try {
    const dependencies = Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${tarball}`]))
    const manifest = { name: "leadterra", version: first.version, private: true, dependencies }
    writeFileSync(join(folder, "package.json"), JSON.stringify(manifest))
    const quietly = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"]
    await run(["npm", "install", "--package-lock-only", ...quietly], folder)
    const listed = ["npm", "sbom", "--package-lock-only", "--sbom-format=cyclonedx", "--omit=dev"]
    const bill: Bill = JSON.parse(await run(listed, folder))
    const path = join(dirname(first.tarball), `leadterra-${first.version}.cdx.json`)
    writeFileSync(path, `${JSON.stringify(published(bill, packed), null, 2)}\n`)
    return path
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The bill without the paths of this machine, and with the bundled libraries. */
const published = (bill: Bill, packed: ReadonlyArray<Packed>): Bill => {
  const own = new Map(packed.map((one) => [one.name, one]))
  const components = bill.components.map((component) => {
    const one = own.get(component.name)
    if (one === undefined) return component
    const bundled = one.bundled.map(({ license, name, version }) => ({
      ...{ "bom-ref": `${one.name}:${name}@${version}`, type: "library", name, version, scope: "required" },
      ...{ purl: purlOf(name, version), licenses: [{ license: { id: license } }] }
    }))
    return { ...component, externalReferences: [], ...(bundled.length > 0 && { components: bundled }) }
  })
  return { ...bill, components }
}
