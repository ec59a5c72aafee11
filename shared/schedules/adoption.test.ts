// Adopting job schedulers of other services: every time of theirs comes once, wherever whoever adopts is cut off.
import { describe, expect, test as base } from '../../test/support/scheduling.ts'
import { person } from '../../test/support/rooms.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import { adopt, finishAdoptions } from './adoption.ts'
import type { Adopting } from './adoption.ts'
import { carry } from './carry.ts'
import { createAdopting, createForeign } from './foreign.ts'
import { jobIdOf } from './keys.ts'

const from = { queue: 'reports', schedulerId: 'nightly' }
const MINUTE = 60_000

interface Made {
  adopting: Adopting
  /** Makes the scheduler as another service does; answers its next time. */
  theirs: (over?: object) => Promise<number>
  /** How the scheduler and the job of a time stand. */
  left: (next: number) => Promise<{ scheduler: boolean; job: string | undefined }>
}

const test = base.extend<Made>({
  adopting: async ({ kernel, bull, room }, use) =>
    use(createAdopting(kernel, { bull, catalog: room.catalog }, person())),
  theirs: async ({ bull, clock }, use) =>
    use(async (over = {}) => {
      const start = Math.ceil((clock.now() + MINUTE) / MINUTE) * MINUTE
      const times = { every: MINUTE, startDate: start, ...over }
      await bull.queue('reports').upsertJobScheduler('nightly', times, { name: 'report.build', data: { of: 'sales' } })
      return Number(
        await bull
          .queue('reports')
          .getJobScheduler('nightly')
          .then((each) => each?.next),
      )
    }),
  left: async ({ bull }, use) =>
    use(async (next) => ({
      scheduler: (await bull.wholeScheduler('reports', 'nightly')) !== undefined,
      job: (await bull.stateOf([{ queue: 'reports', id: `repeat:nightly:${next}` }]))[0],
    })),
})

const cutAt = (adopting: Adopting, over: Partial<Bull> | { save: number }): Adopting => {
  if (!('save' in over)) return { ...adopting, bull: { ...adopting.bull, ...over } }
  let saves = 0
  const save: Adopting['store']['save'] = (...given) =>
    ++saves === over.save ? Promise.reject(new Error('killed')) : adopting.store.save(...given)
  return { ...adopting, store: { ...adopting.store, save } }
}

describe('a scheduler whose next job waits for its time', () => {
  test('becomes a schedule that makes that job, and is gone with its own', async ({
    adopting,
    theirs,
    left,
    room,
    clock,
    store,
    made,
    bull,
  }) => {
    const next = await theirs()
    expect(await adopt(adopting, from, 'Ada')).toEqual({ id: 'nightly', isNew: true })
    expect(await left(next)).toEqual({ scheduler: false, job: 'missing' })
    expect(await store.find('nightly')).toMatchObject({
      origin: 'adopted',
      definition: { job_name: 'report.build', queue: 'reports', trigger: { type: 'interval', every_ms: MINUTE } },
      since: next,
      by: 'Ada',
    })
    await carry(room, 'nightly')
    await clock.advance(next - clock.now())
    await carry(room, 'nightly')
    expect(await made()).toEqual([jobIdOf('nightly', String(next))])
    const [job] = await bull.readRaw([{ queue: 'reports', id: jobIdOf('nightly', String(next)) }])
    expect(job).toMatchObject({ name: 'report.build', data: '{"of":"sales"}' })
  })

  test('stays with BullMQ when whoever adopts it is killed before it is removed, until somebody goes on', async ({
    adopting,
    theirs,
    left,
    room,
    clock,
    made,
  }) => {
    const next = await theirs()
    const killed = cutAt(adopting, { takeScheduler: () => Promise.reject(new Error('killed')) })
    await expect(adopt(killed, from, 'Ada')).rejects.toThrow('killed')
    expect(await left(next)).toEqual({ scheduler: true, job: 'delayed' })
    await clock.advance(next - clock.now())
    expect(await carry(room, 'nightly')).toMatchObject({ made: 0 })
    expect(await made()).toEqual([])
    expect(await adopt(adopting, from, 'Ada')).toEqual({ id: 'nightly', isNew: false })
    await carry(room, 'nightly')
    expect(await left(next)).toEqual({ scheduler: false, job: 'missing' })
    expect(await made()).toHaveLength(1)
  })

  test('loses no time when whoever adopts it is killed after it was removed, and others go on', async ({
    adopting,
    theirs,
    left,
    room,
    clock,
    made,
  }) => {
    const next = await theirs()
    await expect(adopt(cutAt(adopting, { save: 2 }), from, 'Ada')).rejects.toThrow('killed')
    expect(await left(next)).toEqual({ scheduler: false, job: 'missing' })
    await clock.advance(next - clock.now())
    expect(await carry(room, 'nightly')).toMatchObject({ made: 0 })
    const done = await finishAdoptions(adopting, await room.catalogue.look(), () => undefined)
    expect(done).toEqual(['nightly'])
    await carry(room, 'nightly')
    expect(await made()).toEqual([jobIdOf('nightly', String(next))])
    expect(await finishAdoptions(adopting, await room.catalogue.look(), () => undefined)).toEqual([])
  })

  test('is adopted once when somebody else is done between two looks', async ({ adopting, theirs, store }) => {
    await theirs()
    let isOvertaken = false
    const overtaken = async (queue: string, id: string) => {
      const read = await adopting.bull.wholeScheduler(queue, id)
      if (!isOvertaken) {
        isOvertaken = true
        await adopt(adopting, from, 'Bea')
      }
      return read
    }
    const takeScheduler = adopting.bull.takeScheduler.bind(adopting.bull)
    const slow = { ...adopting, bull: { wholeScheduler: overtaken, takeScheduler } }
    expect(await adopt(slow, from, 'Ada')).toEqual({ id: 'nightly', isNew: false })
    expect([...(await store.records()).keys()]).toEqual(['nightly'])
  })

  test('is adopted once by many at once', async ({ adopting, theirs, store }) => {
    await theirs()
    const all = await Promise.all(Array.from({ length: 5 }, () => adopt(adopting, from, 'Ada')))
    expect(all.filter(({ isNew }) => isNew)).toHaveLength(1)
    expect([...(await store.records()).keys()]).toEqual(['nightly'])
    expect((await store.find('nightly'))?.adoption).toEqual({ ...from, underWay: false })
  })

  test('leaves its job to BullMQ when the time comes while it is adopted', async ({
    adopting,
    theirs,
    left,
    store,
    bull,
  }) => {
    const next = await theirs()
    let first = true
    const late = cutAt(adopting, {
      async takeScheduler(...given) {
        if (first) await (await bull.queue('reports').getJob(`repeat:nightly:${next}`))?.promote()
        first = false
        return bull.takeScheduler(...given)
      },
    })
    await adopt(late, from, 'Ada')
    expect(await left(next)).toEqual({ scheduler: false, job: 'waiting' })
    expect((await store.find('nightly'))?.since).toBe(next + 1)
  })
})

/** Whole minutes of which a time of the machine is in the middle of one stretch, so that neither of its ends is near. */
const halfOver = (now: number): number =>
  Array.from({ length: 60 }, (_, n) => (60 + n) * MINUTE).find(
    (every) => Math.abs((now % every) / every - 0.5) < 0.2,
  ) ?? MINUTE

test('a scheduler whose job waits for a worker leaves it that job and takes the times after it, none before it came', async ({
  adopting,
  theirs,
  left,
  room,
  clock,
  made,
}) => {
  const every = halfOver(Date.now())
  const next = await theirs({ startDate: undefined, every })
  expect(await left(next)).toEqual({ scheduler: true, job: 'waiting' })
  await adopt(adopting, from, 'Ada')
  expect(await left(next)).toEqual({ scheduler: false, job: 'waiting' })
  await carry(room, 'nightly')
  expect(await made()).toEqual([])
  await clock.advance(next + every - clock.now())
  await carry(room, 'nightly')
  expect(await made()).toEqual([jobIdOf('nightly', String(next + every))])
})

test('a scheduler with a limit leaves the schedule as many jobs as it would have made', async ({
  adopting,
  theirs,
  store,
}) => {
  await theirs({ limit: 3 })
  await adopt(adopting, from, 'Ada')
  expect((await store.find('nightly'))?.definition.max_runs).toBe(3)
})

test('a scheduler that its service made again is removed again, and the schedule stays as it was changed', async ({
  adopting,
  theirs,
  left,
  store,
}) => {
  await theirs()
  await adopt(adopting, from, 'Ada')
  const before = await store.find('nightly')
  const next = await theirs()
  expect(await adopt(adopting, from, 'Bob')).toEqual({ id: 'nightly', isNew: false })
  expect(await left(next)).toEqual({ scheduler: false, job: 'missing' })
  expect(await store.find('nightly')).toEqual(before)
})

test('a scheduler whose id a schedule has gets another one, the same whenever it is asked for', async ({
  adopting,
  theirs,
  put,
}) => {
  await put('nightly')
  await theirs()
  const { id } = await adopt(adopting, from, 'Ada')
  expect(id).toMatch(/^nightly-[a-z0-9]{8}$/)
  expect(await adopt(adopting, from, 'Ada')).toEqual({ id, isNew: false })
})

test('listing schedulers changes nothing, not even ones that are half lost', async ({ kernel, bull, room, theirs }) => {
  await theirs()
  const { schedulers } = bull.keys('reports')
  await kernel.redis.zadd(schedulers, 5, 'lost')
  await bull.discover()
  const foreign = createForeign(kernel, { bull, catalog: room.catalog })
  const { data, truncated } = await foreign.list(person(), {})
  expect(truncated).toBe(false)
  expect(data).toMatchObject([
    { scheduler_id: 'lost', adoptable: false, job_name: null, trigger: null, description: null },
    { scheduler_id: 'nightly', adoptable: true, why_not: null, description: 'every minute', runs: 1 },
  ])
  expect(await kernel.redis.zcard(schedulers)).toBe(2)
})
