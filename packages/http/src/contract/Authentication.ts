/** The API key of a call, and the workspace that it names. */
import * as Context from "effect/Context"
import { HttpApiMiddleware, HttpApiSecurity, OpenApi } from "effect/http-api"
import { AuthenticationFailed, Unavailable } from "./problems.ts"

/** The caller: an API key stands for one workspace. */
export class Caller extends Context.Service<
  Caller,
  {
    readonly workspaceId: string
    /** Whether the key is valid still, for calls that last. */
    readonly isValid: () => Promise<boolean>
  }
>()("leadterra/http/Caller") {}

export class Authentication extends HttpApiMiddleware.Service<Authentication, { provides: Caller }>()(
  "leadterra/http/Authentication",
  {
    security: {
      apiKey: HttpApiSecurity.bearer.pipe(
        HttpApiSecurity.annotate(
          OpenApi.Description,
          "An API key, `sk_live_...` or `sk_test_...`. It names the workspace of the call."
        )
      )
    },
    error: [AuthenticationFailed, Unavailable]
  }
) {}
