/** Answers about leads. */

export type FieldValue = string | number | boolean | null

export interface Lead {
  readonly id: string
  readonly email: string
  readonly firstName: string | null
  readonly lastName: string | null
  readonly company: string | null
  readonly jobTitle: string | null
  readonly customFields: { readonly [field: string]: FieldValue }
  readonly createdAt: string
  readonly updatedAt: string
}

export interface LeadPage {
  readonly leads: ReadonlyArray<Lead>
  /** Goes into `after` of the next call; null on the last page. */
  readonly next: string | null
}

export interface EraseAnswer {
  readonly erased: number
  readonly outcomes: ReadonlyArray<{ readonly index: number; readonly erased: boolean }>
}
