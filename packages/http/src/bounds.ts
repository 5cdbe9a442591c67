/** The bounds of one server, as its host has set them. */
import { checkLimits, defaultLimits, type GivenLimits, maxCallsWaiting, maxCallWaitMillis } from "./limits.ts"
import { Room } from "./Room.ts"
import { rateOf } from "./rate.ts"
import { Slots } from "./Slots.ts"
import { Unread } from "./Unread.ts"

/** Throws a `TypeError` for limits that are no numbers. */
export const makeBounds = (given: GivenLimits) => {
  checkLimits(given)
  const limitOf = (name: keyof GivenLimits): number => given[name] ?? defaultLimits[name]
  return {
    bodies: {
      maxBodyBytes: limitOf("maxBodyBytes"),
      maxBodyBytesAtOnce: limitOf("maxBodyBytesAtOnce")
    },
    rateLimit: rateOf(limitOf("maxCallsPerSecond")),
    slots: new Slots({
      atOnce: limitOf("maxCallsAtOnce"),
      waiting: maxCallsWaiting,
      waitMillis: maxCallWaitMillis
    }),
    streams: new Room(limitOf("maxStreams")),
    unread: new Unread(limitOf("maxUnreadBytes"))
  }
}
