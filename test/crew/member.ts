/**
 * One member of a crew: makes its calls on the store, one after the other, until the last one or until it is killed. Inside each
 * transaction it adds a line to the journal that all members share: since a store decides nothing else there, the
 * lines stand in the order of the transactions. It tells its parent `began N` there, and `ended N DIGEST` after the answer;
 * before all it says `ready`, and waits for a line.
 */
import { appendFileSync, readSync, writeSync } from "node:fs"
import { Repository } from "@leadterra/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { perform } from "./calls.ts"
import type { Task } from "./crew.ts"
import { openStore } from "./store.ts"

const [json = ""] = process.argv.slice(2)
const { from, journal, member, plan, ref, store: name, to }: Task = JSON.parse(json)

let call = from
const journaled = Layer.effect(
  Repository,
  Effect.map(openStore(name), (store) => ({
    ...store,
    decide: (scope, rule) =>
      store.decide(scope, (snapshot) => {
        appendFileSync(journal, `${member} ${call}\n`)
        writeSync(1, `began ${call}\n`)
        return rule(snapshot)
      })
  }))
)

const work = Effect.gen(function* () {
  writeSync(1, "ready\n")
  readSync(0, Buffer.alloc(1))
  for (; call < to; call++) {
    const digest = yield* perform(plan, member, call, ref)
    writeSync(1, `ended ${call} ${digest}\n`)
    // A writer that never pauses would keep the others waiting.
    yield* Effect.sleep("1 millis")
  }
})

await Effect.runPromise(Effect.provide(work, journaled))
