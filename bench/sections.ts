/** The sections of the benchmark, in the order of the page. A round loads its own alone. */
import type { Section } from "./suite.ts"

const sections: Readonly<Record<string, () => Promise<{ readonly section: Section }>>> = {
  upsert: () => import("./sections/upsert.ts"),
  growth: () => import("./sections/growth.ts"),
  peers: () => import("./sections/peers.ts"),
  postgres: () => import("./sections/postgres.ts"),
  postgresDelivery: () => import("./sections/postgresDelivery.ts"),
  suppressions: () => import("./sections/suppressions.ts"),
  delivery: () => import("./sections/delivery.ts"),
  tokens: () => import("./sections/tokens.ts"),
  http: () => import("./sections/http.ts"),
  csv: () => import("./sections/csv.ts"),
  memory: () => import("./sections/memory.ts"),
  eventLoop: () => import("./sections/eventLoop.ts"),
  startup: () => import("./sections/startup.ts")
}

export const sectionNames: ReadonlyArray<string> = Object.keys(sections)

export const sectionOf = async (name: string): Promise<Section> => {
  const load = sections[name]
  if (load === undefined) throw new Error(`there is no section ${name}, only ${sectionNames.join(", ")}`)
  return (await load()).section
}
