#!/usr/bin/env node
/**
 * The command `leadterra`. The version is told before anything else is loaded, and each command loads what it needs, so that a
 * shell never waits for it. On a Node that is too old SQLite would crash without a word.
 */
import { setFlagsFromString } from "node:v8"
import { version } from "./version.ts"

const argv = process.argv.slice(2)

// V8 would let the garbage of a long list grow to a hundred megabytes and more before it looks at it. A
// server may have them: to look that often takes up to a third of its time.
if (argv[0] !== "serve") {
  setFlagsFromString("--semi-space-growth-factor=1")
  setFlagsFromString("--heap-growing-percent=100")
}

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)

if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) console.log(version)
else if (major < 22 || (major === 22 && minor < 19)) {
  console.error(`leadterra needs Node 22.19 or later, and this is ${process.versions.node}`)
  process.exitCode = 1
} else {
  const [{ run }, { processTerminal }] = await Promise.all([import("./run.ts"), import("./Terminal.ts")])
  process.exitCode = await run(argv, processTerminal())
}
