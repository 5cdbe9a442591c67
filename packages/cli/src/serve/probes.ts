/**
 * The paths for probes, which need no key: `/healthz` answers as long as the process runs, and
 * `/readyz` when calls can be answered.
 */

/** Milliseconds that the store has for its answer. */
const storeMillis = 2_000

export interface Probes {
  /** Returns the route of a probe; undefined for any other path. */
  readonly routeOf: (request: Request) => string | undefined
  readonly answer: (route: string, method: string) => Promise<Response>
}

export interface ProbesOptions {
  readonly isStopping: () => boolean
  /** Rejects when the store cannot be read. */
  readonly readStore: () => Promise<unknown>
}

export const makeProbes = ({ isStopping, readStore }: ProbesOptions): Probes => {
  const isStoreReady = async (): Promise<boolean> => {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, storeMillis, false)
    })
    const isRead = readStore().then(
      () => true,
      () => false
    )
    try {
      return await Promise.race([isRead, late])
    } finally {
      clearTimeout(timer)
    }
  }
  const statusOf = async (route: string): Promise<"ok" | "stopping" | "store unavailable"> => {
    if (route === "/healthz") return "ok"
    if (isStopping()) return "stopping"
    return (await isStoreReady()) ? "ok" : "store unavailable"
  }
  return {
    routeOf: ({ url }) => {
      const { pathname } = new URL(url)
      return pathname === "/healthz" || pathname === "/readyz" ? pathname : undefined
    },
    answer: async (route, method) => {
      if (method !== "GET" && method !== "HEAD")
        return new Response(null, { status: 405, headers: { allow: "GET, HEAD" } })
      const status = await statusOf(route)
      return Response.json(
        { status },
        { status: status === "ok" ? 200 : 503, headers: { "cache-control": "no-store" } }
      )
    }
  }
}
