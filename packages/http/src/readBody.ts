/** Reads the body of a request: bounded in bytes, and UTF-8 without a fault. */

/** The body has more bytes than the limit, or bytes that are not UTF-8. */
export type BodyFault = "TooLarge" | "NotUtf8"

/** The bytes that a request announces, or undefined. */
export const announcedBytes = (request: Request): number | undefined => {
  const header = request.headers.get("content-length")
  return header !== null && /^\d{1,15}$/.test(header) ? Number(header) : undefined
}

/** Reads the whole body as text. It reads no more than the limit, and one chunk. */
export const readBody = async (
  request: Request,
  limit: number
): Promise<{ readonly text: string } | { readonly fault: BodyFault }> => {
  if ((announcedBytes(request) ?? 0) > limit) {
    await request.body?.cancel()
    return { fault: "TooLarge" }
  }
  if (request.body === null) return { text: "" }
  const decoder = new TextDecoder("utf-8", { fatal: true })
  const reader = request.body.getReader()
  let text = ""
  let bytes = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    bytes += value.byteLength
    if (bytes > limit) {
      await reader.cancel()
      return { fault: "TooLarge" }
    }
    try {
      text += decoder.decode(value, { stream: true })
    } catch {
      await reader.cancel()
      return { fault: "NotUtf8" }
    }
  }
  try {
    return { text: text + decoder.decode() }
  } catch {
    return { fault: "NotUtf8" }
  }
}
