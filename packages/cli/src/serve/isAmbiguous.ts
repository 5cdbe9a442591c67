/** Requests that a proxy in front may read otherwise than the server. */

/**
 * Whether a target has dot segments, plain or escaped. A URL resolves them, and a proxy that lets a
 * prefix pass may not: `/u/../metrics` begins with `/u/` there, and is `/metrics` here.
 */
const hasDotSegment = (target: string): boolean => {
  const [path = ""] = target.split(/[?#]/, 1)
  return path.split(/[/\\]/).some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment))
}

/** Tells from the request as it came whether its target can be read in two ways. */
export const isAmbiguous = ({ url = "" }: { readonly url?: string | undefined }): boolean =>
  hasDotSegment(url)
