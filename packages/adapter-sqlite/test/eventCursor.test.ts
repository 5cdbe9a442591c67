import { copyFileSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { SqliteRepository } from "@leadterra/adapter-sqlite"
import { open } from "@leadterra/core/promise"
import { expect, it } from "vitest"

// FAULTS 51.
it("EV-2: a follower learns that a backup was put back, whatever was written since", async () => {
  const folder = mkdtempSync(join(tmpdir(), "leadterra-"))
  const filename = join(folder, "leads.db")
  const workspaceId = "w"
  const write = async (...entries: ReadonlyArray<string>) => {
    await using engine = await open(SqliteRepository.layer({ filename }))
    await engine.suppression.add({ workspaceId, entries })
    return (await engine.events.read({ workspaceId })).items.map(({ cursor }) => cursor)
  }
  try {
    await write("a@x.com")
    copyFileSync(filename, join(folder, "backup.db"))
    const cursors = await write("b@x.com", "c@x.com")
    copyFileSync(join(folder, "backup.db"), filename)
    await write("d@x.com")
    await write("e@x.com")
    await using engine = await open(SqliteRepository.layer({ filename }))
    const after = cursors.at(-1)
    const lost = await engine.events.read({ workspaceId, after }).catch((error: unknown) => error)
    expect(lost).toMatchObject({ _tag: "CursorUnknown", cursor: after })
    const { items } = await engine.events.read({ workspaceId, after: cursors[0] })
    expect(items.map(({ sequence }) => sequence)).toEqual([2, 3])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
