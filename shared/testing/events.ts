// Waits for facts in the event log, in order and without missing one that came before it was asked for.
import { setTimeout as wait } from 'node:timers/promises'
import type { z } from 'zod'
import type { EventKind } from '../kernel/event.ts'
import type { EventLog } from '../stream/log.ts'

const PATIENCE_MS = 10_000
const LOOK_EVERY_MS = 10

export type Next = <Kind extends EventKind>(
  kind: Kind,
  takes?: (data: z.output<Kind['data']>) => boolean,
) => Promise<z.output<Kind['data']>>

/** Each kind of fact is read through once, from where the log stood when this was made. */
export const nextEvent = (log: EventLog): Next => {
  const start = log.last()
  const cursors = new Map<string, string>()
  return async <Kind extends EventKind>(kind: Kind, takes: (data: z.output<Kind['data']>) => boolean = () => true) => {
    const until = Date.now() + PATIENCE_MS
    for (let cursor = cursors.get(kind.name) ?? (await start); Date.now() < until;) {
      for (const entry of await log.readAfter(cursor, 500)) {
        cursor = entry.id
        cursors.set(kind.name, cursor)
        if (entry.name !== kind.name) continue
        const data = kind.data.parse(JSON.parse(entry.data)) as z.output<Kind['data']>
        if (takes(data)) return data
      }
      await wait(LOOK_EVERY_MS)
    }
    throw new Error(`no ${kind.name} came within ${PATIENCE_MS} ms`)
  }
}
