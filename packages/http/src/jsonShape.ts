/**
 * Bounds on the shape of a body, which hold before it is parsed: a few megabytes of brackets would
 * take hundreds as objects, and each unknown member would be told of.
 */

/** Members of the body itself, levels of objects and lists in each other, and objects and lists in all. */
export const maxMembers = 100
export const maxDepth = 100
export const maxContainers = 100_000

export type ShapeFault = "TooManyMembers" | "TooDeep" | "TooManyContainers"

const quote = 0x22
const comma = 0x2c
const backslash = 0x5c
const openList = 0x5b
const closeList = 0x5d
const openObject = 0x7b
const closeObject = 0x7d

/** The first fault of a body in UTF-8, or undefined. Text that is no JSON may have none. */
export const shapeFault = (bytes: Uint8Array): ShapeFault | undefined => {
  let containers = 0
  let depth = 0
  let members = 1
  // Whether the body itself is an object, and so has members.
  let isObject = false
  for (let at = 0; at < bytes.length; at++) {
    switch (bytes[at]) {
      case quote:
        at = endOfString(bytes, at)
        break
      case openList:
      case openObject:
        if (depth === 0) isObject = bytes[at] === openObject
        if (++depth > maxDepth) return "TooDeep"
        if (++containers > maxContainers) return "TooManyContainers"
        break
      case closeList:
      case closeObject:
        depth--
        break
      case comma:
        if (depth === 1 && isObject && ++members > maxMembers) return "TooManyMembers"
        break
    }
  }
  return undefined
}

/** The place where the string that begins here ends. */
const endOfString = (bytes: Uint8Array, start: number): number => {
  let at = start + 1
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1
  return at
}
