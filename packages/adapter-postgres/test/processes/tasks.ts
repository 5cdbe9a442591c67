/** What the processes of the fleet are told, and how they take a failure that may be tried again. */
import { setTimeout as sleep } from "node:timers/promises"
import { RepositoryError } from "@leadterra/core"
import { type Engine, open } from "@leadterra/core/promise"
import { PostgresRepository } from "../../src/index.ts"

export const workspaceId = "fleet"

export interface ImporterTask {
  readonly url: string
  /** The list takes people from here on. */
  readonly from: number
  readonly size: number
  /** Each batch goes into all of them. */
  readonly campaignIds: ReadonlyArray<string>
}

export interface SenderTask {
  readonly url: string
  /** Where it writes down what it sends: an id and an attempt per line. */
  readonly log: string
  readonly limit: number
}

export const openEngine = (url: string): Promise<Engine> =>
  tryAgain(() => open(PostgresRepository.layer({ url, connections: 2 })))

/** What a host does: tries again what says that it may be. */
export const tryAgain = async <A>(call: () => Promise<A>): Promise<A> => {
  for (let tries = 0; ; tries++) {
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof RepositoryError && error.isRetryable) || tries > 500) throw error
      await sleep(50)
    }
  }
}
