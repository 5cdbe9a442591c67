/** `@leadterra/adapter-postgres`: the store on PostgreSQL. */
export * as PostgresRepository from "./PostgresRepository.ts"
