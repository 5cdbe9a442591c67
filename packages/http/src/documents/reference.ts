/**
 * The reference page: Scalar's script on `/openapi.json`, under a policy that lets no other script run
 * and no other server be asked.
 */

/** Loads the script of the page, compressed by gzip. It is called with the first request for it. */
export type ReferenceScript = () => Promise<Uint8Array<ArrayBuffer>>

export interface Reference {
  readonly page: () => Promise<Response>
  /** The script; undefined for a path that is not its own. */
  readonly script: (request: Request) => Promise<Response | undefined>
}

export const pagePath = "/reference"
export const scriptPattern = `${pagePath}/:script`

/** Whether a path may be one of a script: its hash is known once it is loaded. */
export const isScriptPath = (path: string): boolean => /^\/reference\/scalar-[0-9a-f]{16}\.js$/.test(path)

/** Nothing is loaded from elsewhere, told to Scalar, or kept in the browser. */
const configuration = {
  authentication: { preferredSecurityScheme: "apiKey" },
  agent: { disabled: true },
  mcp: { disabled: true },
  hideClientButton: true,
  persistAuth: false,
  showDeveloperTools: "never",
  telemetry: false,
  withDefaultFonts: false
}

/** Keeps a library within the script from trying `Function`, which the policy would report. */
const inline = "globalThis.__zod_globalConfig = { jitless: true }"

interface Loaded {
  readonly packed: Uint8Array<ArrayBuffer>
  /** The hash of the script as a browser runs it, as `integrity` has it. */
  readonly integrity: string
  /** The path of the script, without a slash at its start: the page may stand under another one. */
  readonly path: string
}

const unpacked = (bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> =>
  new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))

const digest = async (bytes: ArrayBuffer | Uint8Array<ArrayBuffer>): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))

const integrityOf = (hash: Uint8Array): string => `sha256-${btoa(String.fromCharCode(...hash))}`

const loaded = async (load: ReferenceScript): Promise<Loaded> => {
  const packed = await load()
  const hash = await digest(await new Response(unpacked(packed)).arrayBuffer())
  const name = Array.from(hash.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("")
  return { packed, integrity: integrityOf(hash), path: `reference/scalar-${name}.js` }
}

const htmlOf = ({ integrity, path }: Loaded): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Leadterra API</title>
    <link rel="icon" href="data:,">
    <script>${inline}</script>
  </head>
  <body>
    <script id="api-reference" type="application/json" data-url="openapi.json" data-configuration='${JSON.stringify(configuration)}'></script>
    <script src="${path}" integrity="${integrity}"></script>
    <noscript>This page needs scripts. <a href="openapi.json">openapi.json</a> says the same.</noscript>
  </body>
</html>
`

/** Scalar sets styles as it draws, so styles are not bound by a hash; no script comes by them. */
const policyOf = async ({ integrity }: Loaded): Promise<string> => {
  const own = integrityOf(await digest(new TextEncoder().encode(inline)))
  return [
    "default-src 'none'",
    `script-src '${integrity}' '${own}'`,
    "style-src 'unsafe-inline'",
    "img-src data:",
    "font-src data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'"
  ].join("; ")
}

export const makeReference = (load: ReferenceScript): Reference => {
  let once: Promise<Loaded> | undefined
  const loadOnce = (): Promise<Loaded> => {
    once ??= loaded(load).catch((error) => {
      once = undefined
      throw error
    })
    return once
  }
  return {
    page: async () => {
      const script = await loadOnce()
      return new Response(htmlOf(script), {
        headers: {
          "content-type": "text/html; charset=utf-8",
          "content-security-policy": await policyOf(script),
          "referrer-policy": "no-referrer"
        }
      })
    },
    script: async (request) => {
      const { packed, path } = await loadOnce()
      if (new URL(request.url).pathname !== `/${path}`) return undefined
      const takesGzip = /\bgzip\b/.test(request.headers.get("accept-encoding") ?? "")
      return new Response(takesGzip ? packed : unpacked(packed), {
        headers: {
          "content-type": "text/javascript; charset=utf-8",
          "cache-control": "public, max-age=31536000, immutable",
          vary: "accept-encoding",
          ...(takesGzip ? { "content-encoding": "gzip", "content-length": String(packed.length) } : {})
        }
      })
    }
  }
}
