import { createHmac } from "node:crypto"

/**
 * The hash of a text under the secret of a workspace, in base64: the same text has another hash in
 * another workspace.
 */
export const keyedHash = (secret: string, text: string): string =>
  createHmac("sha256", Buffer.from(secret, "base64")).update(text).digest("base64")
