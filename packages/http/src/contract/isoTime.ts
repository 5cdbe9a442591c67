/** Returns a moment in milliseconds since 1970 as ISO 8601 in UTC, without a fraction where there is none (SQ-9). */
export const isoTime = (millis: number): string => new Date(millis).toISOString().replace(".000Z", "Z")
