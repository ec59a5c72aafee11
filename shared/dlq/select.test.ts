// Choosing dead letters: oldest first over all queues, those that fit, those that had died by then, none twice.
import { lay, layMany } from '../../test/support/dead-letters.ts'
import { describe, expect, test } from '../../test/support/rooms.ts'
import { builtKey } from '../triage/keys.ts'
import { wanted } from '../triage/built.ts'
import { createSelect } from './select.ts'
import type { Selected } from './selected.ts'
import { DlqFilter } from './words.ts'

const T = 1_700_000_000_000
const all = async (slices: AsyncIterable<Selected[]>): Promise<Selected[]> => {
  const found: Selected[] = []
  for await (const slice of slices) {
    expect(slice.length).toBeLessThanOrEqual(500)
    found.push(...slice)
  }
  return found
}

describe('choosing', () => {
  test('merges queues by time of death and leaves cancelled jobs out', async ({ kernel, bull }) => {
    for (let n = 0; n < 30; n++) await lay({ kernel, bull }, `q${n % 3}`, `j${n}`, T + n)
    await lay({ kernel, bull }, 'q0', 'stopped', T + 5, { k1nCancelled: 'enough' })
    await bull.discover()
    const found = await all(createSelect(kernel, bull)({}, { limit: 1_000 }))
    expect(found).toEqual(Array.from({ length: 30 }, (_, n) => ({ queue: `q${n % 3}`, id: `j${n}`, diedAt: T + n })))
    const some = await all(createSelect(kernel, bull)({ queue: ['q1', 'q2', 'nowhere'] }, { limit: 4 }))
    expect(some.map(({ id }) => id)).toEqual(['j1', 'j2', 'j4', 'j5'])
  })

  test('finds every one of very many that died in one moment', async ({ kernel, bull }) => {
    for (let n = 0; n < 1_300; n++) await lay({ kernel, bull }, 'mail', `j${n}`, T)
    const found = await all(createSelect(kernel, bull)({}, { limit: 5_000 }))
    expect(new Set(found.map(({ id }) => id)).size).toBe(1_300)
    expect(found).toHaveLength(1_300)
  })

  test('reads few where few are wanted of very many', async ({ kernel, bull }) => {
    await layMany({ kernel, bull }, 'mail', 1_300, T)
    let read = 0
    const readLying: typeof bull.readLying = (queue, ids, lying) => {
      read += ids.length
      return bull.readLying(queue, ids, lying)
    }
    const found = await all(createSelect(kernel, { ...bull, readLying })({}, { limit: 60 }))
    expect(found).toHaveLength(60)
    expect(read).toBeLessThanOrEqual(3 * 60)
  })

  test('knows those only that had died when it was called', async ({ kernel, bull, clock }) => {
    await layMany({ kernel, bull }, 'mail', 3, clock.now() - 2)
    const slices = createSelect(kernel, bull)({}, { limit: 10 })
    await clock.advance(5)
    await lay({ kernel, bull }, 'mail', 'late', clock.now())
    expect((await all(slices)).map(({ id }) => id)).toEqual(['d0', 'd1', 'd2'])
  })

  test('goes through the dead letters themselves while the index still adds what it missed', async ({
    kernel,
    bull,
  }) => {
    for (let n = 0; n < 3; n++) await lay({ kernel, bull }, 'mail', `j${n}`, T + n, { name: 'mail.send' })
    await bull.discover()
    await kernel.redis.hset(builtKey(kernel), 'mail', JSON.stringify({ ...wanted, usable: true, phase: 'adding' }))
    const found = await all(createSelect(kernel, bull)({ name: ['mail.send'] }, { limit: 10 }))
    expect(found.map(({ id }) => id)).toEqual(['j0', 'j1', 'j2'])
  })

  test('stops when it is told to', async ({ kernel, bull }) => {
    await layMany({ kernel, bull }, 'mail', 1_100, T)
    const stopping = new AbortController()
    const found: Selected[] = []
    for await (const slice of createSelect(kernel, bull)({}, { limit: 5_000, signal: stopping.signal })) {
      found.push(...slice)
      stopping.abort()
    }
    expect(found).toHaveLength(500)
  })

  test.for([
    [{ name: ['mail.send'] }, ['a', 'c', 'd']],
    [{ error_name: ['RangeError'] }, ['c']],
    [{ error_class: ['timeout'] }, ['d']],
    [{ q: 'FULL' }, ['b']],
    [{ q: 'mail:c' }, ['c']],
    [{ from: new Date(T + 2).toISOString(), to: new Date(T + 4).toISOString() }, ['b', 'c']],
    [{ group: ['aaaaaaaaaaaaaaaa'] }, []],
    [{ version: ['v'] }, []],
  ] as const)('by %j finds %j', async ([asked, ids], { kernel, bull }) => {
    await lay({ kernel, bull }, 'mail', 'a', T + 1)
    await lay({ kernel, bull }, 'mail', 'b', T + 2, { name: 'other', failedReason: 'mailbox full' })
    await lay({ kernel, bull }, 'mail', 'c', T + 3, { stacktrace: '["RangeError: boom"]' })
    await lay({ kernel, bull }, 'mail', 'd', T + 4, { k1nReason: 'timeout' })
    const found = await all(createSelect(kernel, bull)(DlqFilter.parse(asked), { limit: 10 }))
    expect(found.map(({ id }) => id)).toEqual(ids)
  })
})
