import { createHmac } from "node:crypto"

/** Returns the HMAC of a text under the secret of a workspace, in base64. */
export const keyedHash = (secret: string, text: string): string =>
  createHmac("sha256", Buffer.from(secret, "base64")).update(text).digest("base64")
