// A job in line, staged with real BullMQ on a real Redis: what is before it, and when it will run.
import { createRecorder } from '../recorder/recorder.ts'
import { describe, expect, figure, inState, test, until } from '../../test/support/explain.ts'

describe('a job in line', () => {
  test('next: workers that fetch are free, and it came this moment', async ({ of, foreign, work }) => {
    const worker = work('theirs', async () => 1)
    await worker.waitUntilReady()
    await worker.pause()
    const { id = '' } = await foreign('theirs').add('x', {})
    expect(await of(`theirs:${id}`)).toMatchObject({ cause: 'next', estimate: { sure: 'rough' }, further: [] })
  })

  test('slots_busy: it is next and every slot is taken', async ({ add, of, own }) => {
    const worker = await own(() => new Promise(() => undefined), { concurrency: 2 })
    for (const id of ['a', 'b']) await add(id)
    await until(() => worker.fleet.running('mail') === 2)
    const explained = await of(await add('c'))
    expect(explained).toMatchObject({ cause: 'slots_busy', says: 'All 2 slots of mail are busy.', further: [] })
    expect([figure(explained, 'active'), figure(explained, 'slots')]).toEqual([2, 2])
    expect(explained.estimate).toMatchObject({ sure: 'unknown' })
  })

  test("slots_busy: another service's workers, of whose slots nothing is known", async ({ of, foreign, busy }) => {
    await busy('theirs')
    const { id = '' } = await foreign('theirs').add('x', {})
    expect(await of(`theirs:${id}`)).toMatchObject({
      cause: 'slots_busy',
      says: 'The workers of theirs are busy with 1 job.',
    })
  })

  test('in_line and priority: how many run before it, and how long that takes at the measured rate', async ({
    add,
    of,
    bull,
    kernel,
    busy,
    foreign,
    work,
  }) => {
    const worker = work('mail', async () => 1)
    const [first, second] = await foreign('mail').addBulk(Array.from({ length: 2 }, () => ({ name: 'x', data: {} })))
    await inState(bull, 'mail', [first?.id, second?.id], 'completed')
    await worker.close()
    await createRecorder(kernel, bull).catchUp()
    await busy('mail')
    for (const id of ['a', 'b', 'c']) await add(id)
    await add('urgent', { priority: 1 })
    const last = await of(await add('later', { priority: 9 }))
    expect(last).toMatchObject({ cause: 'priority', further: [{ cause: 'slots_busy' }] })
    expect([figure(last, 'ahead'), figure(last, 'priority')]).toEqual([4, 9])
    const third = await of('mail:t_c')
    expect(third).toMatchObject({ cause: 'in_line', says: 'Waits behind 2 jobs in mail.', estimate: { sure: 'rough' } })
    // Two jobs ended within the last two to three minutes.
    expect(third.estimate?.in_ms).toBeGreaterThan(150_000)
    expect(third.estimate?.in_ms).toBeLessThan(300_000)
    const others = Array.from({ length: 50_000 }, (_, n) => `other-${n}`)
    const line = bull.keys('mail').wait
    await kernel.redis.pipeline().lpush(line, ...others).rpush(line, ...others).exec() // prettier-ignore
    const amidst = await of('mail:t_c')
    expect(amidst).toMatchObject({
      cause: 'in_line',
      estimate: { sure: 'not_before' },
      further: [{ cause: 'slots_busy' }],
    })
    expect(amidst.says).toBe('Waits behind at least 50,000 of 100,005 jobs in mail.')
    expect([figure(amidst, 'ahead'), figure(amidst, 'ahead_least')]).toEqual([undefined, 50_000])
    expect(amidst.estimate?.in_ms).toBeGreaterThan(50_000 * 50_000)
  })

  test('a job whose parent or child failed it beforehand says that it will fail', async ({
    of,
    kernel,
    bull,
    queues,
    me,
  }) => {
    const { id = '' } = await bull.queue('mail').add('mail.send', {})
    await queues.pause(me, 'mail')
    await kernel.redis.hset(bull.keys('mail').job(id), 'defa', 'child bull:mail:x failed')
    expect((await of(`mail:${id}`)).further.at(-1)).toMatchObject({ cause: 'child_failed' })
  })
})
