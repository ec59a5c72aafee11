// What the history of schedules promises: it is bounded, and what is in it is whole.
import { expect, every, test } from '../../test/support/scheduling.ts'
import { carry } from './carry.ts'
import { RUNS_KEPT, trimHistory } from './history.ts'
import { scheduleKeys } from './keys.ts'

const DAY = 86_400_000

test('the oldest runs go when there are too many, with what became of them', async ({ room, put, clock, kernel }) => {
  await put('digest', { ...every(1_000), misfire: 'run_all', catchup_limit: 3 })
  await carry(room, 'digest')
  await clock.advance(5_000)
  await carry(room, 'digest')
  const keys = scheduleKeys(kernel)
  const now = clock.now()
  const names = Array.from({ length: RUNS_KEPT }, (_, n) => `m-${n}`)
  await kernel.redis.zadd(keys.order('digest'), ...names.flatMap((name, n) => [now + 1_000 + n, name]))
  await trimHistory(kernel)
  expect(await kernel.redis.zcard(keys.order('digest'))).toBe(RUNS_KEPT)
  expect(await kernel.redis.hlen(keys.runs('digest'))).toBe(0)
})

test('what is told of a run that was trimmed goes, and what belongs to a run stays', async ({
  room,
  put,
  clock,
  kernel,
}) => {
  await put('digest', { ...every(60_000) })
  await carry(room, 'digest')
  await clock.advance(60_000)
  await carry(room, 'digest')
  const keys = scheduleKeys(kernel)
  const [run = ''] = await kernel.redis.zrange(keys.order('digest'), 0, -1)
  const [now, old] = [clock.now(), clock.now() - 2 * DAY]
  const ended = (finished_at: number) => JSON.stringify({ outcome: 'completed', started_at: null, finished_at })
  const kept = { [`${run}:began`]: old, [`${run}:ended`]: ended(old), 'm-young:began': now }
  const strays = { 'm-1:began': old, 'm-1:ended': ended(old), 'm-2:ended': ended(old) }
  await kernel.redis.hset(keys.runs('digest'), { ...kept, ...strays })
  await trimHistory(kernel)
  expect((await kernel.redis.hkeys(keys.runs('digest'))).sort()).toEqual([run, ...Object.keys(kept)].sort())
})
