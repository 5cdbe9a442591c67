/**
 * Every SHA-256 that Web Crypto computes while a test runs, to be looked for where it must not
 * stand.
 */
import { createHash } from "node:crypto"
import { expect, onTestFinished, vi } from "vitest"

/**
 * Takes notes from now on, and gives what there is to look for: each digest as bytes, in
 * hexadecimal and in base64.
 */
export const notedDigests = () => {
  const noted: Array<Buffer> = []
  const digest = crypto.subtle.digest.bind(crypto.subtle)
  const spy = vi.spyOn(crypto.subtle, "digest").mockImplementation(async (algorithm, data) => {
    const hash = await digest(algorithm, data)
    noted.push(Buffer.from(hash))
    return hash
  })
  onTestFinished(() => spy.mockRestore())
  return (key: string): ReadonlyArray<Buffer> => {
    const ofKey = createHash("sha256").update(`${key}\n`).digest()
    expect(noted.map((hash) => hash.toString("hex"))).toContain(ofKey.toString("hex"))
    expect(noted.length).toBeGreaterThan(1)
    return noted.flatMap((hash) => [
      hash,
      ...(["hex", "base64"] as const).map((encoding) => Buffer.from(hash.toString(encoding)))
    ])
  }
}
