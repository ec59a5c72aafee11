// How many jobs wait for each service, whether their queue is held or they were put away one by one.
import { expect, input, test } from '../../test/support/rooms.ts'
import { HELD_MS, holdQueue } from '../services/held.ts'
import { createParkedCount } from './parked-count.ts'

const smtp = { service: 'smtp', cause: 'breaker', reason: 'breaker smtp open, probe in 18 s' } as const
const mail = (id: string, more: object = {}) => input({ name: 'mail.send', data: { to: 'x' }, id, options: more })

test('jobs in line of a held queue and those put away count, by service, and no others', async ({
  jobs,
  bull,
  kernel,
  clock,
  me,
}) => {
  const parked = createParkedCount(kernel, bull, ['mail', 'reports', 'empty'])
  await jobs.enqueue(me, mail('a'))
  await jobs.enqueue(me, mail('b', { priority: 5 }))
  for (const id of ['c', 'd', 'e']) await jobs.enqueue(me, mail(id, { delay_ms: 60_000 }))
  await jobs.enqueue(me, input({ name: 'report.build', data: {}, id: 'f', options: { delay_ms: 60_000 } }))
  const park = (queue: string, id: string, service: string, ats = 0) =>
    kernel.redis.hset(
      bull.keys(queue).job(id),
      'k1nPark',
      JSON.stringify({ ...smtp, service, until: 1, since: 1, ats }),
    )
  await park('mail', 't_c', 'smtp')
  await park('reports', 't_f', 'printer')
  // It has started since, and failed by itself.
  await park('mail', 't_d', 'smtp', 7)
  expect(await parked()).toEqual(new Map([['smtp', 1], ['printer', 1]])) // prettier-ignore
  await holdQueue(kernel, 'mail', { ...smtp, until: clock.now() + 18_000 })
  await clock.advance(1_000)
  expect(await parked()).toEqual(new Map([['smtp', 3], ['printer', 1]])) // prettier-ignore
  await clock.advance(HELD_MS)
  expect(await parked()).toEqual(new Map([['smtp', 1], ['printer', 1]])) // prettier-ignore
})

test('many that were put away are told by those that are looked at', async ({ bull, kernel }) => {
  const keys = bull.keys('mail')
  const pipeline = kernel.redis.pipeline()
  for (let n = 0; n < 3_000; n++) {
    const mark = JSON.stringify({ ...smtp, until: 1, since: 1, ats: 0 })
    pipeline.zadd(keys.delayed, n, `${n}`).hset(keys.job(`${n}`), { name: 'mail.send', timestamp: 1, k1nPark: mark })
  }
  await pipeline.exec()
  expect(await createParkedCount(kernel, bull, ['mail'])()).toEqual(new Map([['smtp', 3_000]]))
})
