/**
 * The sweep of the server's own records behind an erasure (ER-1). Each part that may hold something of a
 * person is called here, after the store of the leads has erased them: an import that runs meanwhile
 * then finds them suppressed. Keys and secrets hold nothing of people.
 */
import type { Imports } from "./imports/Imports.ts"
import type { ErasedPeople, ServerStore } from "./ServerStore.ts"

export interface Swept {
  readonly store: ServerStore
  readonly imports: Imports
}

/** Rejects when a part cannot be swept. Another call does all of it again, which changes nothing twice. */
export const sweepErased = async ({ imports, store }: Swept, people: ErasedPeople): Promise<void> => {
  await store.erased(people)
  await imports.erase(people.workspaceId)
}
