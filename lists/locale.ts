/**
 * What a part of the world brings to a list: names in its script with the Latin letters that stand for them in an
 * address, cities, the shape of phone numbers, words and legal forms for companies, top-level domains. Dictionaries
 * are written as short texts, `Name/letters` separated by commas; where the letters are left out they are the name's own.
 */

export interface Word {
  readonly text: string
  /** Stands for it in addresses and domains: lower-case ASCII. */
  readonly letters: string
}

export interface Form {
  readonly before: string
  readonly after: string
}

export interface Locale {
  readonly country: string
  /** The code of the country, which begins with a plus, and a code of an area. */
  readonly phone: string
  readonly cities: ReadonlyArray<string>
  readonly firsts: ReadonlyArray<Word>
  readonly lasts: ReadonlyArray<Word>
  /** Words of the script that companies are called after; none where the script is Latin. */
  readonly words: ReadonlyArray<Word>
  /** A `%` stands for the company. */
  readonly forms: ReadonlyArray<Form>
  readonly ends: ReadonlyArray<string>
  /** Labels of domains that are written in the script. */
  readonly labels: ReadonlyArray<string>
  /** False where a label of the script may not hold Latin letters: scripts from right to left. */
  readonly mixes: boolean
}

const list = (text: string): ReadonlyArray<string> => (text === "" ? [] : text.split(", "))

const word = (text: string): Word => {
  const [name = "", letters = name.toLowerCase().replaceAll(" ", "")] = text.split("/")
  return { text: name, letters }
}

const form = (text: string): Form => {
  const [before = "", after = ""] = text.split("%")
  return { before, after }
}

export const locale = (
  texts: {
    readonly [Field in keyof Omit<Locale, "mixes">]: string
  } & { readonly mixes?: boolean }
): Locale => ({
  country: texts.country,
  phone: texts.phone,
  cities: list(texts.cities),
  firsts: list(texts.firsts).map(word),
  lasts: list(texts.lasts).map(word),
  words: list(texts.words).map(word),
  forms: texts.forms.split("; ").map(form),
  ends: list(texts.ends),
  labels: list(texts.labels),
  mixes: texts.mixes ?? true
})
