/** Groups what one statement can write: those that are named alike, in the order in which they come. */
export const groupAlike = <A>(
  items: ReadonlyArray<A>,
  nameOf: (item: A) => string | number
): Iterable<readonly [A, ...ReadonlyArray<A>]> => {
  const groups = new Map<string | number, [A, ...Array<A>]>()
  for (const item of items) {
    const name = nameOf(item)
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [item])
    else group.push(item)
  }
  return groups.values()
}
