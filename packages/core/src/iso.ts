/** Milliseconds since 1970 as ISO 8601 in UTC, without a fraction where there is none. */
export const iso = (millis: number): string => new Date(millis).toISOString().replace(".000Z", "Z")
