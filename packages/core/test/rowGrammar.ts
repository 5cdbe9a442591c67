/**
 * A grammar of hostile rows. A row is described as data, so that a counterexample can be read, and built from it anew
 * for each reader, so that getters which change their answer start again.
 */
import fc from "fast-check"
import { addresses } from "./addressGrammar.ts"

/** Stands in values and in thrown errors, and never in a name: whoever repeats it has repeated a value. */
export const secret = "S3CR3T"

const boom = (): never => {
  throw new Error(secret)
}

/** Whatever is asked of it, it throws; also when a test runner wants to print it, so it is only made in `build`. */
const untouchable = (): object =>
  new Proxy({}, { get: boom, has: boom, ownKeys: boom, getPrototypeOf: boom, getOwnPropertyDescriptor: boom })

/** A property: a plain one, a getter that answers one thing after another, one that throws, or one that is not seen. */
export type Cell =
  | { readonly kind: "value" | "hidden" | "inherited"; readonly value: unknown }
  | { readonly kind: "getter"; readonly values: ReadonlyArray<unknown> }
  | { readonly kind: "throws" | "cycle" | "untouchable" }

type Cells = ReadonlyArray<readonly [string | symbol, Cell]>

const traps = ["ownKeys", "getOwnPropertyDescriptor", "get"] as const

export interface Row {
  readonly shape:
    | "object"
    | "class"
    | "null prototype"
    | "array"
    | "function"
    | "frozen"
    | "revoked"
    | (typeof traps)[number]
  readonly cells: Cells
  /** Under `customFields`, last among the properties; `undefined` where the row has none. */
  readonly custom: Omit<Row, "custom"> | undefined
}

class Person {
  readonly origin = `${secret} of a class`
  get company(): string {
    return `${secret} of a prototype`
  }
}

const foundation = (shape: Row["shape"]): object => {
  if (shape === "class") return new Person()
  if (shape === "null prototype") return Object.create(null)
  if (shape === "array") return []
  return shape === "function" ? () => secret : {}
}

const define = (target: object, [name, cell]: Cells[number]): void => {
  const set = (on: object, property: PropertyDescriptor) =>
    Object.defineProperty(on, name, { configurable: true, enumerable: cell.kind !== "hidden", ...property })
  switch (cell.kind) {
    case "value":
    case "hidden":
      set(target, { value: cell.value, writable: true })
      break
    case "inherited": {
      const between: object = Object.create(Object.getPrototypeOf(target))
      set(between, { value: cell.value, writable: true })
      Object.setPrototypeOf(target, between)
      break
    }
    case "getter": {
      let reads = 0
      set(target, { get: () => cell.values[reads++ % cell.values.length] })
      break
    }
    case "throws":
      set(target, { get: boom })
      break
    case "cycle":
      set(target, { value: target, writable: true })
      break
    case "untouchable":
      set(target, { value: untouchable(), writable: true })
  }
}

const shaped = (target: object, shape: Row["shape"]): object => {
  if (shape === "revoked") {
    const { proxy, revoke } = Proxy.revocable(target, {})
    revoke()
    return proxy
  }
  const trap = traps.find((name) => name === shape)
  return trap === undefined ? target : new Proxy(target, { [trap]: boom })
}

/** Builds the row; `watch` is put around each of its objects before their shape. */
export const build = (row: Row, watch: (target: object) => object = (target) => target): object => {
  const target = foundation(row.shape)
  for (const cell of row.cells) define(target, cell)
  if (row.custom !== undefined) {
    define(target, [
      "customFields",
      { kind: "value", value: build({ ...row.custom, custom: undefined }, watch) }
    ])
  }
  if (row.shape === "frozen") Object.freeze(target)
  return shaped(watch(target), row.shape)
}

const names = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom("plan", "seats", "a.b", "$.x", "", "0", "1", "size", "a b", "{{a}}", 'q"')
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      "__proto__",
      "constructor",
      "toString",
      "prototype",
      "hasOwnProperty",
      "then",
      "toJSON"
    )
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("a\0b", "\ud800", "x\udfff", "n".repeat(200), "n".repeat(201), "email ")
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 4 }) }
)
const standardNames = fc.constantFrom("firstName", "lastName", "company", "jobTitle")

const sparse: Array<unknown> = []
sparse[3] = secret

const text = fc.oneof(
  fc.constantFrom(
    "",
    secret,
    `${secret} {{company}}`,
    `=${secret}`,
    `<b>${secret}</b>\r\n`,
    "Ava",
    "\u202e",
    "'; --"
  ),
  fc.string({ unit: "grapheme", maxLength: 6 })
)
const badText = fc.constantFrom(
  `${secret}\0`,
  `\ud800${secret}`,
  "\udfff",
  secret.repeat(834),
  "x".repeat(5_001)
)
const good: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: text },
  {
    weight: 3,
    arbitrary: fc.constantFrom<unknown>(
      null,
      undefined,
      true,
      false,
      0,
      -0,
      1e21,
      5e-324,
      2 ** 53,
      "x".repeat(5_000)
    )
  },
  { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) }
)
const bad: fc.Arbitrary<unknown> = fc.oneof(
  badText,
  fc.constantFrom<unknown>(
    Number.NaN,
    Number.POSITIVE_INFINITY,
    10n ** 30n,
    Symbol(secret),
    boom,
    new Date(0),
    new Date(Number.NaN),
    new Map([[secret, secret]]),
    new String(secret),
    new Number(1),
    [secret],
    sparse,
    { secret },
    Object.create(null),
    new Person(),
    { toString: boom, valueOf: boom, toJSON: boom, [Symbol.toPrimitive]: boom }
  ),
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withSparseArray: true
  })
)

/** Mostly harmless, so that rows with several properties still pass now and then. */
const cell: fc.Arbitrary<Cell> = fc.oneof(
  { weight: 30, arbitrary: good.map((value) => ({ kind: "value" as const, value })) },
  { weight: 2, arbitrary: bad.map((value) => ({ kind: "value" as const, value })) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.oneof({ weight: 5, arbitrary: good }, { weight: 1, arbitrary: bad }), bad)
      .map((values) => ({ kind: "getter" as const, values }))
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom("throws" as const, "cycle" as const, "untouchable" as const)
      .map((kind) => ({ kind }))
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom("hidden" as const, "inherited" as const), fc.oneof(good, bad))
      .map(([kind, value]) => ({ kind, value }))
  }
)

const shape: fc.Arbitrary<Row["shape"]> = fc.oneof(
  { weight: 20, arbitrary: fc.constant("object" as const) },
  { weight: 6, arbitrary: fc.constantFrom("class" as const, "null prototype" as const, "frozen" as const) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("array" as const, "function" as const, "revoked" as const, ...traps)
  }
)

const field = fc.tuple(names, cell)
const standardField = fc.tuple(standardNames, cell)
const symbolField = fc.tuple(fc.constant(Symbol("email")), cell)

/** Fields of as many bytes as a lead may have, or some more. */
const large: fc.Arbitrary<Cells> = fc
  .tuple(fc.constantFrom("x", "\u00e9", "\u20ac", "\u{1f600}"), fc.integer({ min: 12, max: 14 }))
  .map(([unit, size]): Cells => {
    const value = unit.repeat(5_000 / Buffer.byteLength(unit))
    return Array.from({ length: size }, (_, index) => [`large ${index}`, { kind: "value", value }] as const)
  })

const emailCell: fc.Arbitrary<Cell> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ kind: "value" as const, value: " Ava@AcmeCorp.com" }) },
  { weight: 2, arbitrary: addresses.map((value) => ({ kind: "value" as const, value })) },
  { weight: 1, arbitrary: bad.map((value) => ({ kind: "getter" as const, values: ["bo@acme.com", value] })) },
  { weight: 1, arbitrary: cell }
)

const custom = fc.record({
  shape,
  cells: fc.array(
    fc.oneof(
      { weight: 12, arbitrary: field },
      { weight: 1, arbitrary: symbolField },
      { weight: 1, arbitrary: fc.tuple(fc.constantFrom("email", "company", "customFields"), cell) }
    ),
    { maxLength: 5 }
  )
})

export const rows: fc.Arbitrary<Row> = fc.record({
  shape,
  cells: fc
    .tuple(
      fc.array(fc.oneof({ weight: 8, arbitrary: field }, standardField, symbolField), { maxLength: 3 }),
      emailCell,
      fc.array(fc.oneof(field, standardField), { maxLength: 4 }),
      fc.oneof({ weight: 20, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: large }),
      fc.oneof(
        { weight: 12, arbitrary: fc.constant([]) },
        {
          weight: 1,
          arbitrary: bad.map((value) => [["customFields", { kind: "value" as const, value }] as const])
        }
      )
    )
    .map(
      ([before, email, after, further, customFields]): Cells => [
        ...before,
        ["email", email],
        ...after,
        ...further,
        ...customFields
      ]
    ),
  custom: fc.option(custom, { nil: undefined })
})

/** Rows that are no objects with properties at all. */
export const noRows: fc.Arbitrary<unknown> = fc.oneof(bad, good)
