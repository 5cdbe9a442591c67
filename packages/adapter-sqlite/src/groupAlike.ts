/**
 * Groups what one statement can write, in the order in which groups begin. Those that are alike mostly come one after another:
 * only where they do not is a name made of each.
 */
export const groupAlike = <A>(
  items: ReadonlyArray<A>,
  isAlike: (item: A, other: A) => boolean,
  nameOf: (item: A) => string
): ReadonlyArray<readonly [A, ...ReadonlyArray<A>]> => {
  const groups: Array<[A, ...Array<A>]> = []
  const byName = new Map<string, [A, ...Array<A>]>()
  let last: [A, ...Array<A>] | undefined
  for (const item of items) {
    if (last !== undefined && isAlike(last[0], item)) {
      last.push(item)
      continue
    }
    const name = nameOf(item)
    const group = byName.get(name)
    if (group === undefined) {
      last = [item]
      groups.push(last)
      byName.set(name, last)
    } else {
      last = group
      group.push(item)
    }
  }
  return groups
}
