/** Every law, in the order of the spec. */
import { agreement } from "./agreement.ts"
import { interleavings } from "./interleavings.ts"
import type { Law } from "./Law.ts"
import { deliveryLaws } from "./laws/delivery.ts"
import { erasureLaws } from "./laws/erasure.ts"
import { eventLaws } from "./laws/events.ts"
import { failureLaws } from "./laws/failures.ts"
import { importLaws } from "./laws/importing.ts"
import { limitLaws } from "./laws/limits.ts"
import { sequenceLaws } from "./laws/sequence.ts"
import { statsLaws } from "./laws/stats.ts"
import { storeLaws } from "./laws/store.ts"
import { suppressionLaws } from "./laws/suppression.ts"
import { testClockLaws } from "./laws/testClock.ts"
import { upsertLaws } from "./laws/upsert.ts"

export const laws: ReadonlyArray<Law> = [
  ...upsertLaws,
  ...limitLaws,
  ...importLaws,
  ...suppressionLaws,
  ...sequenceLaws,
  ...deliveryLaws,
  ...failureLaws,
  ...statsLaws,
  ...erasureLaws,
  ...eventLaws,
  ...testClockLaws,
  ...storeLaws,
  interleavings,
  agreement
]
