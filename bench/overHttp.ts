/** Leadterra behind `leadterra serve`: a process of its own, called over loopback by `fetch`. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import { createKey } from "@leadterra/http"
import * as SqliteServerStore from "@leadterra/http/sqlite"
import { pack } from "../scripts/pack.ts"
import { run } from "../scripts/run.ts"
import { openEngine, workspaceId } from "./ours.ts"
import type { Batch } from "./workload.ts"

export interface Served {
  readonly upsert: (batch: Batch) => Promise<unknown>
  /** Uploads a list, and waits until its import has completed. */
  readonly importAll: (batches: Iterable<Batch>) => Promise<void>
  /** Reads the campaign. */
  readonly get: () => Promise<unknown>
  readonly close: () => Promise<void>
}

const root = join(import.meta.dirname, "..")
const folder = join(root, "node_modules", ".cache", "leadterra-bench")
const program = join(folder, "node_modules", "@leadterra", "cli", "dist", "main.js")

/** Packs the packages and installs them into a folder, as a user does. */
export const installServer = async (): Promise<void> => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const packed = await pack(root, join(folder, "packed"))
  const tarballs = packed.map(({ name, tarball }) => [name, `file:${tarball}`])
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ private: true, dependencies: Object.fromEntries(tarballs) })
  )
  await run(["npm", "install", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"], folder)
}

/** Starts a server, and waits until it listens. */
export const startServer = async (file: string) => {
  const child = spawn(process.execPath, [program, "serve", "--db", file, "--port", "0"], {
    stdio: ["ignore", "pipe", "ignore"]
  })
  const exited = once(child, "exit")
  const url = await new Promise<string>((resolve, reject) => {
    let out = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text
      const [, found] = /Listening on (\S+)\n/.exec(out) ?? []
      if (found !== undefined) resolve(found)
    })
    void exited.then(() => reject(new Error("the server ended")))
  })
  return {
    url,
    stop: async (): Promise<void> => {
      child.kill("SIGTERM")
      await exited
    }
  }
}

const sound = async (response: Response): Promise<unknown> => {
  if (!response.ok) throw new Error(`the server answers ${response.status}`)
  return response.json()
}

interface ImportAnswer {
  readonly import: { readonly id: string; readonly state: string }
}

/** Milliseconds between two looks at an import. */
const pollMillis = 100

/** A file with one campaign and one key, and a server on it. */
export const openOverHttp = async (file: string): Promise<Served> => {
  const { campaignId, engine } = await openEngine(SqliteRepository.layer({ filename: file }), [])
  const store = await SqliteServerStore.make({ filename: file })
  const { key } = await createKey({ engine, store }, { workspaceId, mode: "live", now: Date.now() })
  await store.close()
  await engine.close()
  const { stop, url } = await startServer(file)
  const campaign = `${url}/v1/campaigns/${campaignId}`
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" }
  return {
    upsert: async (leads) =>
      sound(
        await fetch(`${campaign}/leads/bulk`, { method: "POST", headers, body: JSON.stringify({ leads }) })
      ),
    importAll: async (batches) => {
      const lines = Array.from(batches, (batch) => batch.map((row) => `${JSON.stringify(row)}\n`).join(""))
      const answer = await fetch(`${campaign}/imports`, {
        method: "POST",
        headers: { ...headers, "content-type": "application/x-ndjson" },
        body: new Blob(lines)
      })
      let { import: job }: ImportAnswer = JSON.parse(await answer.text())
      while (job.state === "queued" || job.state === "running") {
        await setTimeout(pollMillis)
        const found = await fetch(`${url}/v1/imports/${job.id}`, { headers })
        const { import: now }: ImportAnswer = JSON.parse(await found.text())
        job = now
      }
      if (job.state !== "completed") throw new Error(`the import is ${job.state}`)
    },
    get: async () => sound(await fetch(campaign, { headers })),
    close: stop
  }
}
