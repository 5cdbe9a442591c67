/** Requests that a proxy in front may read otherwise than the server. */

/**
 * Whether a target has dot segments, plain or escaped. A URL resolves them, and a proxy that lets a
 * prefix pass may not: `/u/../metrics` begins with `/u/` there, and is `/metrics` here.
 */
const hasDotSegment = (target: string): boolean => {
  const [path = ""] = target.split(/[?#]/, 1)
  return path.split(/[/\\]/).some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment))
}

/** Whether a request has dot segments in its target, or several `Host` headers (RFC 9112, 3.2). */
export const isAmbiguous = ({
  rawHeaders,
  url = ""
}: {
  readonly rawHeaders: ReadonlyArray<string>
  readonly url?: string | undefined
}): boolean =>
  hasDotSegment(url) || rawHeaders.filter((name, index) => index % 2 === 0 && /^host$/i.test(name)).length > 1
