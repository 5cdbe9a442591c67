/**
 * Stores that are broken in one way each, made from the memory store. A law that does not catch its mutant asserts
 * nothing: the suite runs every mutant against the law that it names.
 */
import { deliveryMutants } from "./mutants/delivery.ts"
import { eventsMutants } from "./mutants/events.ts"
import { importingMutants } from "./mutants/importing.ts"
import { sequenceMutants } from "./mutants/sequence.ts"
import { storeMutants } from "./mutants/store.ts"
import { testClockMutants } from "./mutants/testClock.ts"
import { upsertMutants } from "./mutants/upsert.ts"
import type { Mutant } from "./sabotage.ts"

export const mutants: ReadonlyArray<Mutant> = [
  ...upsertMutants,
  ...importingMutants,
  ...sequenceMutants,
  ...deliveryMutants,
  ...eventsMutants,
  ...testClockMutants,
  ...storeMutants
]
