/** The SQL of the README on roles. */
import { readFileSync } from "node:fs"
import { join } from "node:path"

const readme = readFileSync(join(import.meta.dirname, "../README.md"), "utf8")
const section = /^## Roles\n([\s\S]*?)^## /m.exec(readme)?.[1] ?? ""
const [roles = "", grants = ""] = Array.from(
  section.matchAll(/^```sql\n([\s\S]*?)^```/gm),
  ([, sql = ""]) => sql
)

/** Makes the two roles, under names that end as is said: roles belong to the whole server. */
export const rolesOf = (ending: string): string => renamed(roles, ending)

/** Grants the service its privileges. */
export const grantsOf = (ending: string): string => renamed(grants, ending)

const renamed = (sql: string, ending: string): string =>
  sql.replaceAll(/\bleadterra_(owner|service)\b/g, `$&_${ending}`)
