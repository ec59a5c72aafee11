// A process's own copy of all schedules: answered from memory, and read anew only where it changed.
import type { Kernel } from '../kernel/kernel.ts'
import { createLooking } from '../kernel/looking.ts'
import type { ScheduleRecord } from './definition.ts'
import type { ScheduleStore } from './store.ts'

export interface Catalogue {
  /** All schedules as of the last look, by id. Another map after each change, so that whoever kept one sees that it is old. */
  all(): ReadonlyMap<string, ScheduleRecord>
  /** Looks for changes: one short command when there are none. Calls made meanwhile share a look that began after them. */
  look(): Promise<ReadonlyMap<string, ScheduleRecord>>
}

type Known = ReadonlyMap<string, ScheduleRecord | 'unreadable'>

export const createCatalogue = ({ redis }: Kernel, store: ScheduleStore): Catalogue => {
  const connections = countConnections(redis)
  let known: Known = new Map()
  let readable: ReadonlyMap<string, ScheduleRecord> = new Map()
  let seen = { revision: 0, connections: 0 }

  const read = async (): Promise<void> => {
    const now = { connections: connections.count, revision: await store.revision() }
    const isOther = now.connections !== seen.connections || now.revision < seen.revision
    if (now.revision === seen.revision && !isOther) return
    // Another Redis, or one that lost its last second and gives its versions once more: nothing that is known can be relied on.
    const before: Known = isOther ? new Map() : known
    const ids = await store.changedAfter(isOther ? 0 : seen.revision)
    known = await withoutGone(store, new Map([...before, ...(await store.findMany(ids))]))
    readable = new Map([...known].filter((entry): entry is [string, ScheduleRecord] => entry[1] !== 'unreadable'))
    seen = now
  }
  const { look } = createLooking(read)
  return {
    all: () => readable,
    async look() {
      await look()
      return readable
    },
  }
}

const counts = new WeakMap<Kernel['redis'], { count: number }>()

/** How often a connection was made anew. A Redis that starts again, or another that takes its place, tells itself by that. */
const countConnections = (redis: Kernel['redis']): { readonly count: number } => {
  const found = counts.get(redis)
  if (found !== undefined) return found
  const made = { count: 0 }
  counts.set(redis, made)
  redis.on('ready', () => made.count++)
  return made
}

/** Deleted ones leave no trace but their absence; the ids of all are asked for only when the numbers differ. */
const withoutGone = async <Value>(store: ScheduleStore, known: Map<string, Value>): Promise<Map<string, Value>> => {
  if ((await store.count()) === known.size) return known
  const there = new Set(await store.ids())
  return new Map([...known].filter(([id]) => there.has(id)))
}
