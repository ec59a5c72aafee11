// The audit in Redis: a stream of what was changed, one of work that was handed in, and the changes under way.
import { createBatch } from '../kernel/batch.ts'
import { toIso } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import type { AuditEntry, AuditQuery } from './contract.ts'

/** An entry as it is kept; its id is the stream's. */
export type Stored = Omit<AuditEntry, 'id' | 'at'> & { at: number }
type LogName = AuditQuery['log']

export interface AuditStore {
  begin(id: string, stored: Stored): Promise<void>
  /** Appends a change; `id` is that of its beginning. One that settles does nothing when somebody else has ended it. */
  end(stored: Stored, begun?: { id: string; settles?: boolean }): Promise<boolean>
  /** Appends work that was handed in; in busy times many in one call. */
  work(stored: Stored): Promise<void>
  forget(id: string): Promise<void>
  /** Changes under way, and those whose process is gone. */
  open(): Promise<{ id: string; stored: Stored }[]>
  /** The texts of entries from the newest one before `before` back, at most so many; none older than `oldest`, an id of Redis. */
  page(log: LogName, range: { before: string; oldest: string }, count: number): Promise<{ id: string; text: string }[]>
}

const beginChange = script(new URL('./begin.lua', import.meta.url))
const endChange = script(new URL('./end.lua', import.meta.url))
const appendWork = script(new URL('./work.lua', import.meta.url))
/** Work in one script call, which holds Redis for a few ms, and how long the next one gathers: nobody waits for it, and many small
 *  calls cost a busy process more than the entries themselves. */
const WORK_MAX = 500
const WORK_APART_MS = 20
const DAY_MS = 86_400_000

export const createAuditStore = (kernel: Kernel): AuditStore => {
  const { redis, clock, settings } = kernel
  const openKey = kernel.key('audit', 'open')
  const places: Record<LogName, string> = { changes: kernel.key('audit', 'log'), work: kernel.key('audit', 'work') }
  const oldest = (): number => Math.max(0, clock.now() - settings.K1N_AUDIT_DAYS * DAY_MS)
  return {
    async begin(id, stored) {
      await beginChange(redis, [openKey], [id, JSON.stringify(stored)])
    },
    async end(stored, begun) {
      const added = await endChange(
        redis,
        [places.changes, openKey],
        [begun?.id ?? '', JSON.stringify(stored), settings.K1N_AUDIT_MAX, oldest(), begun?.settles ? 'settle' : ''],
      )
      return added !== null
    },
    work: createBatch(
      WORK_MAX,
      async (entries: readonly Stored[]) => {
        const texts = entries.map((stored) => JSON.stringify(stored))
        await appendWork(redis, [places.work], [settings.K1N_AUDIT_MAX, oldest(), ...texts])
        return []
      },
      WORK_APART_MS,
    ),
    async forget(id) {
      await redis.hdel(openKey, id)
    },
    async open() {
      const all = Object.entries(await redis.hgetall(openKey))
      return all.map(([id, text]) => ({ id, stored: parseStored(text) }))
    },
    async page(log, { before, oldest }, count) {
      const entries = await redis.xrevrange(places[log], before, oldest, 'COUNT', count)
      return entries.map(([id, fields]) => ({ id, text: fields[1] ?? '{}' }))
    },
  }
}

export const parseStored = (text: string): Stored => JSON.parse(text) as Stored

/** An entry as clients see it. */
export const entryOf = (id: string, { at, ...stored }: Stored): AuditEntry => ({ id, at: toIso(at), ...stored })
