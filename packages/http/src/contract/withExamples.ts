/** Puts the examples into the OpenAPI document, beside the schemas of the bodies and answers that they show. */
import { type Example, examples } from "./examples.ts"

type Json = Record<string, unknown>

/** A copy of a document in which the member at the end of a path is another; as it is where there is no such path. */
const changedAt = (
  document: unknown,
  [key, ...rest]: ReadonlyArray<string>,
  change: (member: unknown) => unknown
): unknown => {
  if (key === undefined) return change(document)
  if (typeof document !== "object" || document === null || !(key in document)) return document
  return { ...document, [key]: changedAt(Reflect.get(document, key), rest, change) }
}

const add =
  (name: string, example: Json) =>
  (content: unknown): unknown => {
    if (typeof content !== "object" || content === null) return content
    const known = Reflect.get(content, "examples")
    return { ...content, examples: { ...(typeof known === "object" ? known : {}), [name]: example } }
  }

const withExample = (document: unknown, example: Example): unknown => {
  const { answer, body, method, name, path, status, summary } = example
  const operation = ["paths", path, method]
  const media = status < 400 ? "application/json" : "application/problem+json"
  const answered = changedAt(
    document,
    [...operation, "responses", String(status), "content", media],
    add(name, { summary, value: answer })
  )
  return body === undefined
    ? answered
    : changedAt(
        answered,
        [...operation, "requestBody", "content", "application/json"],
        add(name, { summary, value: body })
      )
}

/** For `OpenApi.Transform`. */
export const withExamples = (document: Json): Json => ({
  ...document,
  ...Object(examples.reduce<unknown>(withExample, document))
})
