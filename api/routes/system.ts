// Routes of the system: alive, ready, healthy, and which versions there are.
import { system as rows } from '../../shared/system/contract.ts'
import type { System } from '../../shared/system/health.ts'
import { reply } from '../http/bind.ts'
import type { Bind } from '../http/bind.ts'
import type { VersionTable } from '../versions/table.ts'

export const bindSystem = (bind: Bind, { system }: { system: System }, versions: VersionTable): void => {
  const answer = async (details: boolean) => {
    const { ok, health } = await system.health(details)
    return ok ? reply(200, health) : reply(503, health)
  }
  bind(rows.live, async () => reply(200, { status: 'pass' }))
  bind(rows.ready, async ({ principal }) => answer(principal.scopes.includes('system:read')))
  bind(rows.health, async ({ principal }) => answer(principal.scopes.includes('system:read')))
  bind(rows.versionUse, async () => reply(200, { versions: await system.versionUses.of([...versions.older.keys()]) }))
  bind(rows.versions, async () => reply(200, { versions: versions.list() }))
}
