// Whoever asks what was passed over gets the slots that no job was made for, as the history tells them, and as far as they may see.
import { every, expect, test } from '../../test/support/scheduling.ts'
import { person } from '../../test/support/rooms.ts'
import { carry } from './carry.ts'
import { scheduleKeys } from './keys.ts'
import { passedOver } from './passed-over.ts'
import { historyOf } from './read-runs.ts'

const me = person()

test('slots passed over are told as the history tells them, newest first, without the runs between them', async ({
  room,
  put,
  clock,
}) => {
  const began = clock.now()
  await put('digest', { ...every(1_000), grace_ms: 1_000 })
  await put('nightly', { ...every(60_000), grace_ms: 1_000 })
  for (let turn = 0; turn < 3; turn++) {
    await Promise.all([carry(room, 'digest'), carry(room, 'nightly')])
    await clock.advance(300_000)
  }
  await Promise.all([carry(room, 'digest'), carry(room, 'nightly')])
  const span = { from: began, to: clock.now() }
  const { data } = await historyOf(room, me, { limit: 200, from: new Date(began).toISOString() })
  const skipped = data.filter(({ status }) => status === 'skipped')
  expect(skipped.length).toBeGreaterThan(3)
  expect(skipped.length).toBeLessThan(data.length)
  expect(await passedOver(room, me, span)).toEqual({ runs: skipped, complete: true, from: began })
  // Nothing of another time, and nothing of queues that one may not see.
  expect((await passedOver(room, me, { from: span.to + 1, to: span.to + 2 })).runs).toEqual([])
  expect((await passedOver(room, person({ queues: ['mail'] }), span)).runs).toEqual([])
})

test('of more runs than one call looks through the newest are, and it says from when on', async ({
  room,
  put,
  clock,
  kernel,
}) => {
  await put('digest', every(60_000))
  const keys = scheduleKeys(kernel)
  const now = clock.now()
  const at = (n: number): number => now - n * 1_000
  const entry = (n: number) => JSON.stringify({ source: 'interval', scheduled_for: at(n), until: at(n), slots: 1, skipped: 'missed', at: at(n) }) // prettier-ignore
  const numbers = Array.from({ length: 1_200 }, (_, n) => n)
  await kernel.redis.zadd(keys.history, ...numbers.flatMap((n) => [at(n), `digest ${at(n)}`]))
  await kernel.redis.hset(keys.runs('digest'), Object.fromEntries(numbers.map((n) => [String(at(n)), entry(n)])))
  const found = await passedOver(room, me, { from: at(1_199), to: now })
  expect(found).toMatchObject({ complete: false, from: at(999) })
  expect(found.runs).toHaveLength(1_000)
  expect(found.runs[0]?.scheduled_for).toBe(new Date(now).toISOString())
  // Of runs at one time some were not looked at: from then on something would be missing.
  await kernel.redis.zadd(keys.history, at(999), 'digest another')
  expect((await passedOver(room, me, { from: at(1_199), to: now })).from).toBe(at(999) + 1)
  // Who may see some of them only is looked further for.
  expect((await passedOver(room, person({ queues: ['reports'] }), { from: at(1_199), to: now })).runs).toHaveLength(
    1_200,
  )
})

test('runs of schedules that are gone are told to those who may see every queue, and those of others stay hidden', async ({
  room,
  put,
  clock,
  kernel,
}) => {
  await put('digest', every(60_000))
  const keys = scheduleKeys(kernel)
  const now = clock.now()
  const entry = (n: number) => JSON.stringify({ source: 'interval', scheduled_for: now - n, until: now - n, slots: n, skipped: 'missed', at: now }) // prettier-ignore
  // One after the other, one of them without its entry, and one at either end of the time.
  for (const [n, id] of ['gone', 'digest', 'gone', 'digest', 'gone'].entries()) {
    await kernel.redis.zadd(keys.history, now - n, `${id} r${n}`)
    if (n !== 2) await kernel.redis.hset(keys.runs(id), `r${n}`, entry(n))
  }
  const told = async (who: typeof me) =>
    (await passedOver(room, who, { from: now - 4, to: now })).runs.map(
      ({ schedule_id, slots }) => `${schedule_id} ${slots}`,
    )
  expect(await told(me)).toEqual(['gone 0', 'digest 1', 'digest 3', 'gone 4'])
  expect(await told(person({ queues: ['reports'] }))).toEqual(['digest 1', 'digest 3'])
  await kernel.redis.set(keys.runs('gone'), 'of another type')
  await expect(told(me)).rejects.toThrow('WRONGTYPE')
})
