/** The secrets of the `ServerStore` in memory. */
import {
  drawSecret,
  maxFormerSecrets,
  type SecretStore,
  type StoredSecret,
  TooManySecrets
} from "../../secrets/SecretStore.ts"

export const make = (): {
  readonly secret: (name: string) => Promise<Uint8Array>
  readonly secrets: SecretStore
} => {
  const currents = new Map<string, Uint8Array>()
  const formers = new Map<string, ReadonlyArray<StoredSecret & { readonly replacedAt: number }>>()
  const current = (name: string): Uint8Array => {
    const secret = currents.get(name) ?? drawSecret()
    currents.set(name, secret)
    return secret
  }
  return {
    secret: async (name) => current(name).slice(),
    secrets: {
      all: async (name) =>
        [{ secret: current(name), replacedAt: null }, ...(formers.get(name) ?? [])].map((each) => ({
          ...each,
          secret: each.secret.slice()
        })),
      rotate: async (name, { at, keepSince }) => {
        const replaced = { secret: current(name), replacedAt: at }
        const kept = [replaced, ...(formers.get(name) ?? [])].filter((each) => each.replacedAt >= keepSince)
        if (kept.length > maxFormerSecrets) throw new TooManySecrets()
        formers.set(name, kept)
        currents.set(name, drawSecret())
      }
    }
  }
}
