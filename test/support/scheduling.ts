// Schedules that are carried out, for tests: a catalogue, what carries it out, and what it made.
import { test as base, testCatalog } from './rooms.ts'
import { record } from './schedules.ts'
import { stoppedClock } from '../../shared/kernel/clock.ts'
import type { StoppedClock } from '../../shared/kernel/clock.ts'
import { createEventLog } from '../../shared/stream/log.ts'
import type { Carrying } from '../../shared/schedules/carry.ts'
import type { ScheduleDefinition, ScheduleRecord } from '../../shared/schedules/definition.ts'
import { createCarrying } from '../../shared/schedules/executor.ts'
import { createScheduleStore } from '../../shared/schedules/store.ts'
import type { ScheduleStore } from '../../shared/schedules/store.ts'
import { scheduleKeys } from '../../shared/schedules/keys.ts'
import { definition } from './schedules.ts'

export { describe, expect } from './rooms.ts'
export { definition, record } from './schedules.ts'

type Given = Partial<Parameters<typeof definition>[0]>

interface Scheduling {
  clock: StoppedClock
  store: ScheduleStore
  room: Carrying
  /** Another process that carries schedules out. */
  another: () => Carrying
  /** Writes a schedule down, over the one of this id; it is made now unless said otherwise. */
  put: (id: string, given?: Given, over?: Partial<ScheduleRecord>) => Promise<ScheduleRecord>
  /** Ids of the jobs in `reports`, in the order of their slots. */
  made: () => Promise<string[]>
  /** The facts of schedules that were told, without those about their records. */
  told: () => Promise<{ name: string; data: Record<string, unknown> }[]>
  /** The history of one, oldest first. */
  history: (id: string) => Promise<Record<string, unknown>[]>
}

const MINUTE = 60_000

export const test = base.extend<Scheduling>({
  // The middle of a minute and of none of its seconds: how many slots lie in a time is not left to chance. Of the next minute: BullMQ
  // goes by the time of the machine, and passes over a slot that this reaches while the test runs.
  clock: async ({}, use) => use(stoppedClock(Math.floor(Date.now() / MINUTE) * MINUTE + 90_007)),
  store: async ({ kernel }, use) => use(createScheduleStore(kernel)),
  room: async ({ kernel, bull }, use) => use(createCarrying(kernel, bull, testCatalog)),
  another: async ({ kernel, bull }, use) => use(() => createCarrying(kernel, bull, testCatalog)),
  put: async ({ store, clock }, use) =>
    use(async (id, given = {}, over = {}) => {
      const before = await store.find(id)
      const now = clock.now()
      const made = { ...record(id), createdAt: now, since: now, ...before, definition: definition(given), ...over }
      const change = before === undefined ? 'created' : 'updated'
      const told = { schedule_id: id, queue: 'reports', change, actor: 'Ada' } as const
      const version = await store.save(told, before?.version ?? 0, made)
      if (typeof version === 'string') throw new Error(version)
      return { ...made, version }
    }),
  made: async ({ kernel, bull }, use) =>
    use(async () => {
      const { prefix } = bull.keys('reports')
      const keys = await kernel.redis.keys(`${prefix}s_*`)
      return keys.map((key) => key.slice(prefix.length)).sort()
    }),
  told: async ({ kernel }, use) =>
    use(async () =>
      (await createEventLog(kernel).readAfter('0-0', 1_000))
        .filter(({ name }) => name.startsWith('scheduler.') && !name.startsWith('scheduler.schedule_created'))
        .map(({ name, data }) => ({ name, data: JSON.parse(data) as Record<string, unknown> })),
    ),
  history: async ({ kernel }, use) =>
    use(async (id) => {
      const keys = scheduleKeys(kernel)
      const names = await kernel.redis.zrange(keys.order(id), 0, -1)
      const texts = names.length === 0 ? [] : await kernel.redis.hmget(keys.runs(id), ...names)
      return texts.map((text) => JSON.parse(text ?? '{}') as Record<string, unknown>)
    }),
})

/** The first slot of an interval after a moment. */
export const after = (now: number, every_ms: number): number => Math.ceil((now + 1) / every_ms) * every_ms

/** The slots of job ids. */
export const slotsOf = (ids: readonly string[]): number[] => ids.map((id) => Number(id.split('_').at(-1)))

export const every = (every_ms: number): Pick<ScheduleDefinition, 'trigger'> => ({
  trigger: { type: 'interval', every_ms, offset_ms: 0 },
})
