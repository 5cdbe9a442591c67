/** Modules in workerd, the runtime of Cloudflare's workers: bundled for it, and served on a port of this machine. */
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { rolldown } from "rolldown"
import { onTestFinished } from "vitest"

/** The program, and the newest date that it knows. The package has no types. */
const { compatibilityDate, default: program }: { compatibilityDate: string; default: string } = createRequire(
  import.meta.url
)("workerd")

/** A worker that may reach this machine. `objects` are the classes of its durable objects, kept in memory. */
const configOf = (objects: ReadonlyArray<string>): string => `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "main", esModule = embed "main.js")],
      compatibilityDate = "${compatibilityDate}",
      durableObjectStorage = (inMemory = void),
      durableObjectNamespaces = [${objects.map((name) => `(className = "${name}", uniqueKey = "${name}")`)}],
      bindings = [${objects.map((name) => `(name = "${name}", durableObjectNamespace = "${name}")`)}]
    )),
    (name = "internet", network = (allow = ["private"]))
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);
`

/** Serves a module that exports a worker as its default, and returns its address. */
export const startWorker = async (module: string, objects: ReadonlyArray<string> = []): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), "leadterra-workerd-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const build = await rolldown({
    input: { main: module },
    platform: "browser",
    // The runtime has some of them.
    external: [/^node:/],
    resolve: { conditionNames: ["workerd", "import"] },
    tsconfig: false
  })
  await build.write({ dir: folder, format: "esm", codeSplitting: false })
  await build.close()
  writeFileSync(join(folder, "config.capnp"), configOf(objects))
  const child = spawn(program, ["serve", "config.capnp", "--control-fd=3"], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit", "pipe"]
  })
  const exited = new Promise<never>((_, reject) => {
    child.once("exit", (code) => reject(new Error(`workerd ended with ${code}`)))
  })
  onTestFinished(async () => {
    child.kill()
    await exited.catch(() => {})
  })
  const control = child.stdio[3]
  if (control === null || control === undefined || !("read" in control)) throw new Error("no control")
  const listening = (async () => {
    for await (const line of createInterface({ input: control })) {
      const { event, port }: { event: string; port: number } = JSON.parse(line)
      if (event === "listen") return `http://127.0.0.1:${port}`
    }
    return exited
  })()
  return Promise.race([listening, exited])
}
