/** The handlers on stores in memory, and calls of them with a key. */
import { MemoryRepository } from "@leadterra/adapter-memory"
import { type Engine, open } from "@leadterra/core/promise"
import {
  type Answered,
  createKey,
  type Handlers,
  type HandlersOptions,
  handlers,
  type KeyMode,
  MemoryServerStore,
  type ServerStore
} from "@leadterra/http"
import { onTestFinished } from "vitest"

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: an answer is any JSON, and the tests look at its members.
  readonly body: any
}

export interface CallOptions {
  readonly key?: string | null
  readonly headers?: Readonly<Record<string, string>>
}

export interface TestServer {
  readonly answered: ReadonlyArray<Answered>
  readonly call: (method: string, path: string, body?: unknown, options?: CallOptions) => Promise<Answer>
  /** Creates a campaign and returns its id. */
  readonly createCampaign: (sequenceSteps?: unknown) => Promise<string>
  readonly engine: Engine
  readonly errors: ReadonlyArray<unknown>
  /** Creates a key of a workspace, live by default. */
  readonly keyOf: (workspaceId: string, mode?: KeyMode) => Promise<string>
  readonly server: Handlers
  readonly store: ServerStore
}

/** Starts a server; `change` may put other calls in place of the engine's. */
export const startServer = async (
  options: Partial<HandlersOptions> = {},
  change: (engine: Engine) => Engine = (engine) => engine,
  store: ServerStore = MemoryServerStore.make()
): Promise<TestServer> => {
  const engine = await open(MemoryRepository.layer)
  const answered: Array<Answered> = []
  const errors: Array<unknown> = []
  const server = handlers({
    engine: change(engine),
    store,
    onAnswer: (one) => void answered.push(one),
    onError: (error) => void errors.push(error),
    ...options
  })
  onTestFinished(async () => {
    await server.close()
    await store.close()
    await engine.close()
  })
  const keyOf = async (workspaceId: string, mode: KeyMode = "live") =>
    (await createKey({ engine, store }, { workspaceId, mode, now: Date.now() })).key
  const ours = await keyOf("ws_1")

  /** Sends a body as it is when it is text or bytes, and as JSON otherwise. */
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    { headers = {}, key = ours }: CallOptions = {}
  ): Promise<Answer> => {
    const raw = typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body)
    const request = new Request(`http://localhost${path}`, {
      method,
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(raw === undefined ? {} : { "content-type": "application/json" }),
        ...headers
      },
      ...(raw === undefined ? {} : { body: typeof raw === "string" ? raw : new Uint8Array(raw) })
    })
    const response = await server.fetch(request)
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      body: text === "" ? undefined : JSON.parse(text)
    }
  }

  const createCampaign = async (sequenceSteps?: unknown): Promise<string> => {
    const { body } = await call("POST", "/v1/campaigns", { name: "Spring", sequenceSteps })
    return body.campaign.id
  }
  return { answered, call, createCampaign, engine, errors, keyOf, server, store }
}

export const steps = [{ subject: "Hi {{firstName}}", bodyHtml: "<p>How is {{company}}?</p>" }]
