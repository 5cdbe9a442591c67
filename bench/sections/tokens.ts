/** Rendering of tokens: a subject and a body of some 560 characters for many leads, with templates that are compiled once. */
import { barChart } from "../charts.ts"
import { median, ratioOf } from "../results.ts"
import type { Contender, Section, Suite } from "../suite.ts"
import { engines, people, type Render } from "../templates.ts"

const limit = "concatenation by hand"

/**
 * Renders everyone, again and again for that long, and gives the median of the rates. Each text is read at one place, since a text
 * that nobody has read may still be a rope of its pieces.
 */
const rateFor = (millis: number, render: Render): number => {
  const until = performance.now() + millis
  const rates: Array<number> = []
  let read = 0
  for (let started = performance.now(); started < until; ) {
    for (const person of people) read += render(person).charCodeAt(0)
    const ended = performance.now()
    rates.push((people.length * 1_000) / (ended - started))
    started = ended
  }
  if (read === 0) throw new Error("nothing was rendered")
  return median(rates)
}

const contenders = Object.entries(engines).map(
  ([name, make]): Contender => ({
    name,
    limit,
    run: (millis) => {
      const render = make()
      const right = engines[limit]()
      for (const person of people.slice(0, 1_000))
        if (render(person) !== right(person))
          throw new Error(`${name} renders something else for ${person.email}`)
      rateFor(Math.max(200, millis / 2), render)
      return [rateFor(millis, render)]
    }
  })
)

export const tokens: Suite = {
  name: "rendering",
  cases: [{ name: "a subject and a body", unit: "renders/s", goal: 0.9 }],
  full: [{ size: 600, rounds: 7 }],
  quick: [{ size: 200, rounds: 3 }],
  contenders
}

export const section: Section = {
  title: "Tokens",
  about: `A subject and a body with 8 tokens, some 600 characters, for 10,000 leads over and over. [Each engine](../bench/templates.ts) compiles
its template once; values are escaped for HTML in the body, and in 5 of 100 leads there is something to escape. Leadterra and the limit
also see to it that a value cannot break the line of the subject; the others do not. All render the same text, which is checked before
each round. Handlebars and Eta make code out of a template; Leadterra never does, since templates
come from users.`,
  libraries: ["eta", "micromustache", "handlebars", "mustache", "liquidjs"],
  suites: [tokens],
  charts: (series) => [
    barChart({
      name: "tokens",
      title: "Renders per second, beside concatenation by hand",
      axis: "share of the limit's renders per second",
      show: (value) => value.toFixed(2),
      line: { at: 1, label: "limit" },
      bars: series
        .filter(({ contender }) => contender !== limit)
        .toSorted((a, b) => ratioOf(b, series) - ratioOf(a, series))
        .map((one) => ({
          label: one.contender,
          value: ratioOf(one, series),
          isOurs: one.contender === "Template.render"
        }))
    })
  ]
}
