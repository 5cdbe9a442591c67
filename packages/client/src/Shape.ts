/** The members of an answer, checked before it is handed out. */

type Kind = "string" | "number" | "boolean" | "list" | "object"

type KindOf<Value> = Value extends string
  ? "string"
  : Value extends number
    ? "number"
    : Value extends boolean
      ? "boolean"
      : Value extends ReadonlyArray<unknown>
        ? "list"
        : "object"

type Member<Value> = null extends Value ? `${KindOf<NonNullable<Value>>} or null` : KindOf<Value>

/** The kinds of all members that a body must have; of a union those that all of its bodies have. */
type Members<Body> = {
  readonly [Name in keyof Body & string as undefined extends Body[Name] ? never : Name]: Member<Body[Name]>
}

export type Shape<Body> = (value: unknown) => value is Body

const kindOf = (value: unknown): Kind | "null" | undefined => {
  if (value === null) return "null"
  if (Array.isArray(value)) return "list"
  const kind = typeof value
  return kind === "string" || kind === "number" || kind === "boolean" || kind === "object" ? kind : undefined
}

/**
 * Returns a guard that checks the top-level members of a body. It costs the same for an answer of
 * any length: the entries of lists and the members of members are not read. Further members pass.
 */
export const shape = <Body extends object>(members: Members<Body>): Shape<Body> => {
  const kinds = Object.entries<string>(members).map(([name, kind]) => [name, kind.split(" or ")] as const)
  return (value): value is Body =>
    typeof value === "object" &&
    value !== null &&
    kinds.every(([name, allowed]) => allowed.includes(`${kindOf(Reflect.get(value, name))}`))
}
