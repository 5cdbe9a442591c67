/** The documents about the API beside `/openapi.json`: `/llms.txt` and the reference page. They need no key. */
import { llmsText } from "./llms.ts"
import { isScriptPath, makeReference, pagePath, type ReferenceScript, scriptPattern } from "./reference.ts"

export interface Documents {
  /** The pattern of a document's path; null for a path of no document. */
  readonly routeOf: (path: string) => string | null
  /** The document of a route; undefined for a script of another version. */
  readonly answer: (route: string, request: Request) => Promise<Response | undefined>
}

const llmsPath = "/llms.txt"

export const makeDocuments = (script: ReferenceScript | undefined): Documents => {
  const reference = script === undefined ? undefined : makeReference(script)
  let text: string | undefined
  const documentAt = async (route: string, request: Request): Promise<Response | undefined> => {
    if (route === pagePath) return reference?.page()
    if (route === scriptPattern) return reference?.script(request)
    text ??= llmsText(reference !== undefined)
    return new Response(text, { headers: { "content-type": "text/plain; charset=utf-8" } })
  }
  return {
    routeOf: (path) => {
      if (path === llmsPath) return llmsPath
      if (reference === undefined) return null
      if (path === pagePath) return pagePath
      return isScriptPath(path) ? scriptPattern : null
    },
    answer: async (route, request) => {
      const answer = await documentAt(route, request)
      return request.method === "HEAD" ? answer && new Response(null, answer) : answer
    }
  }
}
