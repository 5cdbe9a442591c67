/** `@leadterra/adapter-memory`: the `Repository` of `@leadterra/core` in plain maps. */
export * as MemoryRepository from "./MemoryRepository.ts"
