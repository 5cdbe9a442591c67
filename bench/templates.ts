/**
 * Engines for `{{ tokens }}`, each with the same subject and body in its own syntax, compiled once in the way that its
 * documentation gives for speed. Values in the body are escaped for HTML, those in the subject are not.
 */
import { Template } from "@leadterra/core"
import { Eta } from "eta"
import Handlebars from "handlebars"
import { Liquid } from "liquidjs"
import { compile as micromustache } from "micromustache"
import Mustache from "mustache"
import { escaped, oneLine } from "./escaped.ts"

/** A lead as a template sees it. */
export interface Person {
  readonly email: string
  readonly firstName: string
  readonly lastName: string
  readonly company: string
  readonly jobTitle: string
  readonly customFields: { readonly city: string }
  /** The custom field once more, where engines without custom fields find it. */
  readonly city: string
}

/** Renders subject and body, with a line between. */
export type Render = (person: Person) => string

type Token = (name: Exclude<keyof Person, "customFields">) => string

const subjectOf = (token: Token): string => `${token("firstName")}, a question about ${token("company")}`

const bodyOf = (token: Token): string =>
  `<p>Dear ${token("firstName")} ${token("lastName")},</p>
<p>I have been reading about ${token("company")}, and what your team does in ${token("city")} has stayed with me since. Most people who work
as ${token("jobTitle")} tell us that half of their week goes into lists: who was written to, who has answered, who must not be written
to again. We have built something that takes this off your desk, and it does not ask you to move anything.</p>
<p>Would a call of fifteen minutes suit you next week? If it is not for you, say so and you will not hear from us again.</p>
<p>This was sent to ${token("email")}.</p>`

const join = (subject: string, body: string): string => `${subject}\n${body}`

const byHand = (): Render => (person) => {
  const { company, firstName } = person
  const subject = `${oneLine(firstName)}, a question about ${oneLine(company)}`
  const body = `<p>Dear ${escaped(firstName)} ${escaped(person.lastName)},</p>
<p>I have been reading about ${escaped(company)}, and what your team does in ${escaped(person.city)} has stayed with me since. Most people who work
as ${escaped(person.jobTitle)} tell us that half of their week goes into lists: who was written to, who has answered, who must not be written
to again. We have built something that takes this off your desk, and it does not ask you to move anything.</p>
<p>Would a call of fifteen minutes suit you next week? If it is not for you, say so and you will not hear from us again.</p>
<p>This was sent to ${escaped(person.email)}.</p>`
  return join(subject, body)
}

const ours = (): Render => {
  const token: Token = (name) => `{{${name}}}`
  const subject = Template.compile(subjectOf(token), "text")
  const body = Template.compile(bodyOf(token), "html")
  return (person) => join(Template.render(subject, person), Template.render(body, person))
}

const mustache = (): Render => {
  const subject = subjectOf((name) => `{{{${name}}}}`)
  const body = bodyOf((name) => `{{${name}}}`)
  // Parsed templates stay in its cache.
  Mustache.parse(subject)
  Mustache.parse(body)
  return (person) => join(Mustache.render(subject, person), Mustache.render(body, person))
}

const handlebars = (): Render => {
  const token: Token = (name) => `{{${name}}}`
  const options = { knownHelpersOnly: true }
  const subject = Handlebars.compile<Person>(subjectOf(token), { ...options, noEscape: true })
  const body = Handlebars.compile<Person>(bodyOf(token), options)
  return (person) => join(subject(person), body(person))
}

const liquid = (): Render => {
  const token: Token = (name) => `{{ ${name} }}`
  const plain = new Liquid()
  const escaping = new Liquid({ outputEscape: "escape" })
  const subject = plain.parse(subjectOf(token))
  const body = escaping.parse(bodyOf(token))
  return (person) => join(plain.renderSync(subject, person), escaping.renderSync(body, person))
}

const eta = (): Render => {
  const engine = new Eta({ autoTrim: false })
  const subject = engine.compile(subjectOf((name) => `<%~ it.${name} %>`))
  const body = engine.compile(bodyOf((name) => `<%= it.${name} %>`))
  return (person) => join(engine.render(subject, person), engine.render(body, person))
}

const micro = (): Render => {
  const token: Token = (name) => `{{${name}}}`
  const subject = micromustache(subjectOf(token))
  const body = micromustache(bodyOf(token))
  // It escapes nothing by itself.
  const escapedIn = (person: Person) => (name: string) => escaped(String(Reflect.get(person, name)))
  return (person) => join(subject.render(person), body.renderFn(escapedIn(person)))
}

export const engines = {
  "concatenation by hand": byHand,
  "Template.render": ours,
  eta,
  micromustache: micro,
  handlebars,
  mustache,
  liquidjs: liquid
} satisfies Readonly<Record<string, () => Render>>

/** Invented people; in 5 of 100 a value has characters that must be escaped, of those that all engines write alike. */
export const people: ReadonlyArray<Person> = Array.from({ length: 10_000 }, (_, index) => {
  const city = `Town ${index % 300}`
  return {
    email: `p${index}@company${index % 5_000}.com`,
    firstName: `Ava${index % 100}`,
    lastName: `Chen${index % 1_000}`,
    company: index % 20 === 0 ? `Hale & Sons <${index}>` : `Company ${index % 5_000}`,
    jobTitle: "VP Sales",
    customFields: { city },
    city
  }
})
