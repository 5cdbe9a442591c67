/** `@leadterra/adapter-sqlite`: the `Repository` of `@leadterra/core` on one SQLite file. */
export * as SqliteRepository from "./SqliteRepository.ts"
