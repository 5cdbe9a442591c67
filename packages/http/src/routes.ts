/** The routes of the contract, for answers about paths that no route serves, and for logs. */
import { HttpApi } from "effect/http-api"
import { Api } from "./contract/Api.ts"

interface Route {
  readonly method: string
  /** The path with names in place of values, such as `/v1/campaigns/:id`. */
  readonly pattern: string
  readonly matches: RegExp
}

const routes: Array<Route> = []

HttpApi.reflect(Api, {
  onGroup: () => {},
  onEndpoint: ({ endpoint: { method, path } }) => {
    const pattern = path.replace(/(?<=.)\/$/, "")
    routes.push({ method, pattern, matches: new RegExp(`^${pattern.replace(/:\w+/g, "[^/]+")}/?$`) })
  }
})

/** The methods that a path takes: none when there is nothing at the path. */
export const methodsAt = (path: string): ReadonlyArray<string> =>
  routes.filter(({ matches }) => matches.test(path)).map(({ method }) => method)

/** The pattern of the route of a call, or null: it holds no value of the call. */
export const patternOf = (method: string, path: string): string | null =>
  routes.find((route) => route.method === method && route.matches.test(path))?.pattern ?? null
