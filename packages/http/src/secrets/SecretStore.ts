/** The part of `ServerStore` that keeps secrets which are replaced from time to time. */

/** Bytes of a secret. */
export const secretBytes = 32

/** Secrets of a name that were replaced and are kept, at most. */
export const maxFormerSecrets = 9

/** Draws the bytes of a secret. */
export const drawSecret = (): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(secretBytes))

export interface StoredSecret {
  readonly secret: Uint8Array
  /** Milliseconds since the epoch; null for the current one. */
  readonly replacedAt: number | null
}

export interface Rotation {
  /** Milliseconds since the epoch: when the current secret is replaced. */
  readonly at: number
  /** Secrets that were replaced before are dropped, the current one too if `at` is before. */
  readonly keepSince: number
}

/** Each method is atomic, also between processes on one store. */
export interface SecretStore {
  /** Returns the current secret of a name, then those that it has replaced, the latest first. Draws the first one. */
  readonly all: (name: string) => Promise<ReadonlyArray<StoredSecret>>
  /**
   * Draws another current secret. Rejects with `TooManySecrets`, and changes nothing, when more than
   * `maxFormerSecrets` would be kept.
   */
  readonly rotate: (name: string, rotation: Rotation) => Promise<void>
}

/** A secret was to be replaced, while as many as a name may have are kept. */
export class TooManySecrets extends Error {
  readonly _tag = "TooManySecrets"

  constructor() {
    super(
      `${maxFormerSecrets} secrets that were replaced are still kept: rotate again when the oldest has expired, or drop them all`
    )
  }
}
