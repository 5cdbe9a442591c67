/**
 * The REST API in a durable object, on stores in memory. A worker itself would do for one request: what a
 * request begins may not be awaited by another. A call of `/key` makes a key.
 */
import { MemoryRepository } from "@leadterra/adapter-memory"
import { open } from "@leadterra/core/promise"
import { createKey, handlers, MemoryServerStore } from "@leadterra/http"

const start = async () => {
  const engine = await open(MemoryRepository.layer)
  const store = MemoryServerStore.make()
  return { api: handlers({ engine, store }), engine, store }
}

export class Api {
  readonly #started = start()

  async fetch(request: Request): Promise<Response> {
    const { api, engine, store } = await this.#started
    if (new URL(request.url).pathname !== "/key") return api.fetch(request)
    const { key } = await createKey({ engine, store }, { workspaceId: "ws_1", mode: "live", now: Date.now() })
    return new Response(key)
  }
}

/** The binding of the object, as far as this worker uses it. */
interface Environment {
  readonly Api: { readonly getByName: (name: string) => Pick<Api, "fetch"> }
}

export default {
  fetch: (request: Request, { Api }: Environment): Promise<Response> => Api.getByName("api").fetch(request)
}
