// A process's own copy of all schedules: answered from memory, told when somebody changes one, and read anew only where it
// changed.
import type { Kernel } from '../kernel/kernel.ts'
import { createLooking } from '../kernel/looking.ts'
import { subscribe } from '../kernel/subscriptions.ts'
import type { Subscription } from '../kernel/subscriptions.ts'
import type { ScheduleRecord } from './definition.ts'
import type { ScheduleStore } from './store.ts'

export interface Catalogue {
  /** All schedules as of the last look, by id. Another map after each change, so that whoever kept one sees that it is old. */
  all(): ReadonlyMap<string, ScheduleRecord>
  /** Looks for changes: one short command when there are none. Calls made meanwhile share a look that began after them. */
  look(): Promise<ReadonlyMap<string, ScheduleRecord>>
  /** From now on looks by itself whenever a change is told; what is told while Redis is away is seen by the next look. */
  start(): Promise<void>
  stop(): Promise<void>
}

/** A start does not wait longer for Redis; what is missed is read when it is asked for. */
const START_MS = 500

export const createCatalogue = (kernel: Kernel, store: ScheduleStore): Catalogue => {
  let known = new Map<string, ScheduleRecord | 'unreadable'>()
  let readable: ReadonlyMap<string, ScheduleRecord> = new Map()
  let revision = 0
  let subscription: Subscription | undefined

  const read = async (): Promise<void> => {
    const now = await store.revision()
    if (now === revision) return
    // Another Redis, or one that lost its last second: nothing that is known can be relied on.
    const before = now < revision ? new Map<string, ScheduleRecord | 'unreadable'>() : known
    const ids = await store.changedAfter(now < revision ? 0 : revision)
    known = await withoutGone(store, new Map([...before, ...(await store.findMany(ids))]))
    readable = new Map([...known].filter((entry): entry is [string, ScheduleRecord] => entry[1] !== 'unreadable'))
    revision = now
  }
  const { look, settled } = createLooking(read)
  return {
    all: () => readable,
    async look() {
      await look()
      return readable
    },
    async start() {
      subscription ??= subscribe(kernel, store.changed, () => void look().catch(() => undefined))
      await Promise.race([subscription.ready, kernel.clock.sleep(START_MS)])
      await look().catch(() => undefined)
    },
    async stop() {
      subscription?.stop()
      subscription = undefined
      await settled()
    },
  }
}

/** Deleted ones leave no trace but their absence; the ids of all are asked for only when the numbers differ. */
const withoutGone = async <Value>(store: ScheduleStore, known: Map<string, Value>): Promise<Map<string, Value>> => {
  if ((await store.count()) === known.size) return known
  const there = new Set(await store.ids())
  return new Map([...known].filter(([id]) => there.has(id)))
}
