// What state topics make of single facts.
import { expect, test } from 'vitest'
import type { Principal } from '../../shared/auth/contract.ts'
import type { Rooms } from '../../shared/rooms.ts'
import { toTailEntry } from '../../shared/stream/tail.ts'
import type { TailEntry } from '../../shared/stream/tail.ts'
import { sourceOf } from './sources.ts'

const everyone: Principal = { kind: 'key', id: 'k', name: 'k', scopes: ['stream:read'], queues: ['*'] }
const told = (name: string, at: number, more: object): TailEntry => {
  const data = { task_id: 'mail:t_1', queue: 'mail', name: 'welcome', attempt: 1, worker_id: 'w_1', ...more }
  const entry = toTailEntry({ id: `${at}-0`, name, at, data: JSON.stringify(data) })
  if (!entry) throw new Error(`${name} is not told`)
  return entry
}
const began = told('job.active', 1_000, { started_at: new Date(1_000).toISOString(), wait_ms: 8 })
const failed = told('error_recovery.retry_attempt', 1_012, { started_at: new Date(1_000).toISOString(), delay_ms: 10 })

test('a run that was told to have ended does not run again when its beginning is told after that', () => {
  const source = sourceOf({} as Rooms)(everyone, 'state:spans')
  const rows = new Map<string, unknown>()
  const take = (entry: TailEntry): void => {
    const taken = source?.take(entry, rows)
    if (taken instanceof Map) for (const [key, row] of taken) rows.set(key, row)
  }
  take(failed)
  take(began)
  expect([...rows.values()]).toMatchObject([{ state: 'retrying', run: 12 }])
  take(told('job.active', 1_022, { attempt: 2, started_at: new Date(1_022).toISOString() }))
  expect([...rows.keys()]).toEqual(['mail:t_1#1', 'mail:t_1#2'])
})
