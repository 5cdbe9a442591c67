/** Lists, a page after the other. */
import type { AllOptions, CallOptions, PageQuery } from "./requests.ts"

/** Yields the entries of all pages. A page is asked for when its first entry is wanted. */
export async function* pages<Page extends { readonly next: string | null }, Entry>(
  list: (query: PageQuery, options: CallOptions) => Promise<Page>,
  entriesOf: (page: Page) => ReadonlyArray<Entry>,
  { limit, signal }: AllOptions
): AsyncGenerator<Entry, void, void> {
  let after: string | null = null
  do {
    const query = {
      ...(after === null ? {} : { after }),
      ...(limit === undefined ? {} : { limit })
    }
    const page: Page = await list(query, { signal })
    yield* entriesOf(page)
    after = page.next
  } while (after !== null)
}
