/**
 * Cursors of lists as callers see them: encrypted, and bound to their workspace and list. A cursor of
 * the core may hold an address, and a caller could otherwise make one up.
 */
/** The type has no name in Node that is one in workerd too. */
type Key = Awaited<ReturnType<typeof crypto.subtle.importKey>>

const nonceBytes = 12

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "")

/** The bytes of base64url, or undefined for other text. */
const bytesOf = (text: string): Uint8Array<ArrayBuffer> | undefined => {
  if (!/^[\w-]*$/.test(text)) return undefined
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0))
  } catch {
    return undefined
  }
}

/** A cursor is shorter than any line of a request that a server reads. */
const longest = 2_000

/** Seals and opens the cursors of one server. */
export interface Cursors {
  readonly seal: (workspaceId: string, list: string, cursor: string) => Promise<string>
  /** Returns undefined for text that was not sealed here, for this workspace and list. */
  readonly open: (workspaceId: string, list: string, text: string) => Promise<string | undefined>
}

/** Makes cursors under a secret of 32 bytes, which is loaded when the first one is met. */
export const makeCursors = (secret: () => Promise<Uint8Array>): Cursors => {
  let loaded: Promise<Key> | undefined
  const key = (): Promise<Key> => {
    loaded ??= secret()
      .then((bytes) =>
        crypto.subtle.importKey("raw", new Uint8Array(bytes), "AES-GCM", false, ["encrypt", "decrypt"])
      )
      .catch((error) => {
        loaded = undefined
        throw error
      })
    return loaded
  }
  const encoder = new TextEncoder()
  const cipher = (workspaceId: string, list: string, iv: Uint8Array<ArrayBuffer>) => ({
    name: "AES-GCM",
    iv,
    additionalData: encoder.encode(`${list}\n${workspaceId}`)
  })
  return {
    seal: async (workspaceId, list, cursor) => {
      const nonce = crypto.getRandomValues(new Uint8Array(nonceBytes))
      const sealed = await crypto.subtle.encrypt(
        cipher(workspaceId, list, nonce),
        await key(),
        encoder.encode(cursor)
      )
      return base64url(Uint8Array.from([...nonce, ...new Uint8Array(sealed)]))
    },
    open: async (workspaceId, list, text) => {
      const bytes = text.length > longest ? undefined : bytesOf(text)
      if (bytes === undefined || bytes.length <= nonceBytes) return undefined
      const used = await key()
      try {
        const algorithm = cipher(workspaceId, list, bytes.slice(0, nonceBytes))
        const opened = await crypto.subtle.decrypt(algorithm, used, bytes.slice(nonceBytes))
        return new TextDecoder().decode(opened)
      } catch {
        return undefined
      }
    }
  }
}
