/**
 * Pages that end by bytes as well as by number. A page is read from the store in pieces. The first
 * surely fits, and the next are as large as the items so far allow. So a page of ordinary items
 * costs a few reads, and a store never loads more than eight pages at a time.
 */
import * as Effect from "effect/Effect"
import * as Limits from "./model/Limits.ts"
import type { Page } from "./Repository.ts"

/** A list that a store reads piece by piece. */
export interface SizedList<A, Cursor, E, R> {
  readonly read: (after: Cursor | null, limit: number) => Effect.Effect<Page<A, Cursor>, E, R>
  readonly cursorOf: (item: A) => Cursor
  /** About how many bytes an item holds, and how many it may hold at most. */
  readonly bytesOf: (item: A) => number
  readonly mostBytes: number
}

/** How much larger than the first piece the others grow. */
const growth = 8

/**
 * Reads the items after a cursor: at most `limit` and at most `Limits.maxPageBytes`, but at least
 * one. `next` is the cursor of the last item when there are more.
 */
export const pageByBytes = Effect.fnUntraced(function* <A, Cursor, E, R>(
  { bytesOf, cursorOf, mostBytes, read }: SizedList<A, Cursor, E, R>,
  after: Cursor | null,
  limit: number
): Effect.fn.Return<Page<A, Cursor>, E, R> {
  const first = Math.max(1, Math.floor(Limits.maxPageBytes / mostBytes))
  const items: Array<A> = []
  let bytes = 0
  let largest = 1
  let piece = first
  for (let cursor = after; ; ) {
    const page: Page<A, Cursor> = yield* read(cursor, Math.min(piece, limit - items.length))
    for (const item of page.items) {
      const size = bytesOf(item)
      const last = items.at(-1)
      if (last !== undefined && bytes + size > Limits.maxPageBytes) return { items, next: cursorOf(last) }
      items.push(item)
      bytes += size
      largest = Math.max(largest, size)
    }
    if (page.next === null || items.length >= limit) return { items, next: page.next }
    cursor = page.next
    const fitting = Math.ceil((Limits.maxPageBytes - bytes) / largest)
    piece = Math.max(1, Math.min(2 * piece, growth * first, fitting))
  }
})
