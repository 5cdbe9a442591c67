/** The revision in an `If-Match`, as the core takes it. */

/** Returns the revision that a call is for, quoted or bare; none for `*`, which every campaign matches. */
export const revisionIn = ({ "if-match": tag }: { readonly "if-match"?: string }): string | undefined =>
  tag === undefined || tag === "*" ? undefined : tag.replace(/^"(.*)"$/, "$1")
