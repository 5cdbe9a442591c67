/** `npm run openapi` writes `packages/http/openapi.json` from the contract. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { Api } from "@leadterra/http"
import { OpenApi } from "effect/http-api"

const file = join(import.meta.dirname, "..", "packages", "http", "openapi.json")
writeFileSync(file, `${JSON.stringify(OpenApi.fromApi(Api), null, 2)}\n`)
