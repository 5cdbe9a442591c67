#!/usr/bin/env node
/**
 * The command `leadterra`. The version is told before anything else is loaded, and each command loads what it needs, so that a
 * shell never waits for it.
 */
import { setFlagsFromString } from "node:v8"
import { version } from "./version.ts"

// V8 would let the garbage of a long list grow to a hundred megabytes before it looks at it; this costs no time.
setFlagsFromString("--semi-space-growth-factor=1")

const argv = process.argv.slice(2)

if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) console.log(version)
else {
  const [{ run }, { processTerminal }] = await Promise.all([import("./run.ts"), import("./Terminal.ts")])
  process.exitCode = await run(argv, processTerminal())
}
