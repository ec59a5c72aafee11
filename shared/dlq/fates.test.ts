// What is told of dead letters that were given another life: that they do well, die of the old cause, of another, or never moved.
import { lay, layMany } from '../../test/support/dead-letters.ts'
import { describe, expect, test, testCatalog } from '../../test/support/rooms.ts'
import type { RoomFixtures } from '../../test/support/rooms.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { operationKinds } from '../operation-kinds.ts'
import type { AnyItemsKind } from '../operations/kind.ts'
import type { Work } from '../operations/operations.ts'
import { DEATH_FIELDS, deathOf } from '../triage/death.ts'
import { aliasesKey } from '../triage/keys.ts'
import { BulkResubmitRequest, DlqQuery, ResubmitRequest } from './contract.ts'

const T = 1_700_000_000_000
const never = new AbortController().signal
const resubmit = (asked: object) => BulkResubmitRequest.parse({ ladder: null, ...asked })

interface Given {
  kernel: Kernel
  bull: RoomFixtures['bull']
}

describe('one that was given another life', () => {
  const fateOf = async ({ kernel, bull }: Given, group: string | undefined, params: object = {}) => {
    const kind = operationKinds(kernel, bull, testCatalog).find(({ name }) => name === 'dlq.resubmit') as
      | AnyItemsKind
      | undefined
    const item = { queue: 'mail', id: 'again', diedAt: T, ...(group !== undefined && { group }) }
    return (await kind?.follow?.fates([item], workOf(resubmit({ filter: {}, all: true, ...params }))))?.[0]
  }
  const dies = async (given: Given, message: string): Promise<string> => {
    const more = { failedReason: message, stacktrace: JSON.stringify([`Error: ${message}`]), k1nOp: 'op_1' }
    await lay(given, 'mail', 'again', T + 9, more)
    const [job] = await given.bull.readRaw([{ queue: 'mail', id: 'again' }], DEATH_FIELDS)
    return job ? deathOf(job).fingerprint : ''
  }

  test('and dies of its old cause has failed again; of another cause, otherwise', async ({ kernel, bull }) => {
    const group = await dies({ kernel, bull }, 'boom 1')
    await dies({ kernel, bull }, 'boom 2')
    expect(await fateOf({ kernel, bull }, group)).toBe('bad')
    await dies({ kernel, bull }, 'no such customer')
    expect(await fateOf({ kernel, bull }, group)).toBe('otherwise')
  })

  test('is judged by its group, merged or not, and where none is known every death counts', async ({
    kernel,
    bull,
  }) => {
    const old = await dies({ kernel, bull }, 'boom')
    const fingerprint = await dies({ kernel, bull }, 'no such customer')
    expect(await fateOf({ kernel, bull }, undefined)).toBe('bad')
    expect(await fateOf({ kernel, bull }, 'rest')).toBe('bad')
    await kernel.redis.hset(aliasesKey(kernel), { [fingerprint]: old })
    expect(await fateOf({ kernel, bull }, old)).toBe('bad')
    await kernel.redis.hset(aliasesKey(kernel), { [fingerprint]: 'third', [old]: 'third' })
    expect(await fateOf({ kernel, bull }, old)).toBe('bad')
  })

  test('in another queue is gone when it is not there any more, and has not fared at all when it never came there', async ({
    kernel,
    bull,
    foreign,
    dlq,
    me,
  }) => {
    await foreign('orders').waitUntilReady()
    await lay({ kernel, bull }, 'mail', 'again', T)
    expect(await fateOf({ kernel, bull }, undefined, { queue: 'orders' })).toBe('none')
    const { task_id } = await dlq.resubmit(me, 'mail:again', ResubmitRequest.parse({ queue: 'orders' }))
    expect(await fateOf({ kernel, bull }, undefined, { queue: 'orders' })).toBe('pending')
    await foreign('orders').remove(task_id.slice('orders:'.length))
    expect(await fateOf({ kernel, bull }, undefined, { queue: 'orders' })).toBe('gone')
    expect(await fateOf({ kernel, bull }, undefined, { queue: 'reports' })).toBe('none')
  })

  test('and was cancelled, or discarded after it died again, is told as that', async ({ kernel, bull, dlq, me }) => {
    await dies({ kernel, bull }, 'boom')
    const { data } = await dlq.list(me, DlqQuery.parse({}))
    await dlq.discard(me, data[0]?.id ?? '')
    expect(await fateOf({ kernel, bull }, undefined)).toBe('bad')
    await kernel.redis.del(bull.keys('mail').job('again'))
    await lay({ kernel, bull }, 'mail', 'again', T + 9, { k1nCancelled: '{}', k1nOp: 'op_1' })
    expect(await fateOf({ kernel, bull }, undefined)).toBe('cancelled')
  })

  test('is told with the job it is by now, in whatever queue', async ({
    dlq,
    operations,
    runner,
    me,
    kernel,
    bull,
    foreign,
  }) => {
    await foreign('orders').waitUntilReady()
    await layMany({ kernel, bull }, 'mail', 1, T)
    const { id } = await dlq.resubmitMany(me, resubmit({ filter: { queue: ['mail'] }, queue: 'orders' }))
    await runner.run(id, never)
    const [moved] = await foreign('orders').getWaiting()
    expect((await operations.fates(me, id)).fates).toMatchObject({ pending: 1, badly: [] })
    await foreign('orders').remove(moved?.id ?? '')
    await lay({ kernel, bull }, 'orders', moved?.id ?? '', T + 9)
    expect((await operations.fates(me, id)).fates?.badly).toEqual([
      { item: expect.stringContaining('mail:') as string, task_id: `orders:${moved?.id}`, fate: 'failed_again' },
    ])
  })

  test('stops its ladder when none of a step could be moved', async ({
    dlq,
    operations,
    runner,
    me,
    kernel,
    bull,
    foreign,
  }) => {
    await foreign('orders').waitUntilReady()
    await layMany({ kernel, bull }, 'mail', 5, T)
    const patch = { queue: 'orders', data_patch: { to: 7 }, ladder: { steps: [2] } }
    const { id } = await dlq.resubmitMany(me, resubmit({ filter: { queue: ['mail'] }, ...patch }))
    await runner.run(id, never)
    expect(await operations.show(me, id)).toMatchObject({
      status: 'paused',
      reason: 'None of the 2 tried last could be done.',
      progress: { done: 0, failed: 2 },
    })
  })
})

const workOf = (params: object): Work<unknown> => ({
  id: 'op_1',
  params,
  asker: { id: 'a', name: 'Ada', queues: ['*'] },
  createdAt: T,
  undoes: 'op_1',
  failed: () => 0,
  signal: never,
})
