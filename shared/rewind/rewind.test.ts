// How things stood is told as it was, to who may see it, and where it is not kept that is said.
import { createAlerts } from '../alerts/alerts.ts'
import { createBreakers } from '../breakers/breakers.ts'
import { minuteOf, queuesKey, totalsKey } from '../metrics/buckets.ts'
import { ServiceCreate } from '../services/contract.ts'
import { createServices } from '../services/services.ts'
import { keepAs } from '../../test/support/rewind.ts'
import { describe, expect, person, test as base } from '../../test/support/rooms.ts'
import { createRewind } from './rewind.ts'
import type { Rewind } from './rewind.ts'

const test = base.extend<{ rewind: Rewind; keep: () => Promise<boolean>; iso: (back?: number) => string }>({
  rewind: async ({ kernel }, use) => use(createRewind(kernel, { alerts: createAlerts(kernel) })),
  keep: async ({ kernel, bull }, use) => use(() => keepAs(kernel, bull)),
  iso: async ({ clock }, use) => use((back = 0) => new Date(clock.now() - back).toISOString()),
})
const everyone = person({ scopes: ['queues:read', 'metrics:read', 'recovery:read', 'alerts:read'] })

describe('a moment', () => {
  test('tells queues as they stood, with their rates, whatever became of them', async ({
    kernel,
    bull,
    queues,
    rewind,
    keep,
    iso,
    clock,
  }) => {
    await bull.queue('mail').add('x', {})
    await queues.pause(everyone, 'mail', { reason: 'upstream is down' })
    await kernel.redis.hincrby(queuesKey(kernel, minuteOf(clock.now()) - 1), 'mail|added', 7)
    await keep()
    const then = iso()
    await queues.resume(everyone, 'mail')
    await bull.queue('mail').obliterate({ force: true })
    await clock.advance(60_000)
    await keep()
    const past = await rewind.queues(everyone, then)
    expect(past.as_of).toBe(then)
    expect(past.data.filter(({ name }) => name === 'mail')).toMatchObject([
      { name: 'mail', paused: true, pause: { reason: 'upstream is down', by: everyone.name }, counts: { waiting: 1 }, rates: { in_per_min: 7 } }, // prettier-ignore
    ])
    expect((await rewind.queues(everyone, iso())).data.find(({ name }) => name === 'mail')?.counts.waiting ?? 0).toBe(0)
  })

  test('is the nearest one that is not after the time asked for', async ({ bull, rewind, keep, iso, clock }) => {
    await bull.queue('mail').add('x', {})
    await keep()
    const first = iso()
    await clock.advance(300_000)
    expect((await rewind.queues(everyone, iso())).as_of).toBe(first)
    expect((await rewind.queues(everyone, iso(-3_600_000))).as_of).toBe(first)
  })

  test('tells breakers, page by page, and the verdict with them', async ({ kernel, rewind, keep, iso, clock }) => {
    const services = createServices(kernel, { declared: new Map() })
    const breakers = createBreakers(kernel, { services })
    for (const name of ['a', 'b', 'c']) await services.create(everyone, ServiceCreate.parse({ name }))
    await breakers.force(everyone, 'b', 'forced_open', { reason: 'maintenance' })
    await keep()
    const then = iso()
    await breakers.reset(everyone, 'b')
    await clock.advance(60_000)
    const one = await rewind.breakers({ limit: 2 }, then)
    expect(one.data.map(({ service, state }) => [service, state])).toEqual([['a', 'closed'], ['b', 'forced_open']]) // prettier-ignore
    await keep()
    const two = await rewind.breakers({ limit: 2, cursor: one.page.next_cursor ?? '' }, then)
    expect(two).toMatchObject({ data: [{ service: 'c' }], page: { has_more: false }, as_of: then })
    expect((await rewind.breakers({ limit: 9, state: ['forced_open'] }, then)).data).toHaveLength(1)
    const overview = await rewind.overview(everyone, then)
    expect(overview).toMatchObject({ as_of: then, breakers_not_closed: 1, needs: [{ kind: 'breaker_open', detail: expect.stringContaining('maintenance') as string }] }) // prettier-ignore
    expect(await rewind.overview(everyone, iso())).toMatchObject({ quiet: true, verdict: 'Everything is on time.' })
  })

  test('counts what was over by then, and nothing that came later', async ({ kernel, rewind, keep, iso, clock }) => {
    const minute = minuteOf(clock.now())
    await kernel.redis.hset(totalsKey(kernel, minute - 1), { completed: 30, first: 30 })
    await keep()
    const then = iso()
    await kernel.redis.hset(totalsKey(kernel, minute), { completed: 900 })
    await kernel.redis.hset(totalsKey(kernel, minute + 1), { completed: 900 })
    await clock.advance(120_000)
    const { vitals, pulse } = await rewind.overview(everyone, then)
    expect(vitals.finished_per_min.value).toBe(30)
    expect(pulse.reduce((sum, { ok }) => sum + ok, 0)).toBe(30)
    expect(pulse).toHaveLength(90)
  })

  test('is told to who may see it: queues of a key, breakers and alerts by scope', async ({
    kernel,
    bull,
    rewind,
    keep,
    iso,
  }) => {
    await bull.queue('mail').add('x', {})
    await bull.queue('secret').add('x', {})
    const services = createServices(kernel, { declared: new Map() })
    await services.create(everyone, ServiceCreate.parse({ name: 'b' }))
    await createBreakers(kernel, { services }).force(everyone, 'b', 'forced_open', { reason: 'x' })
    await keep()
    const narrow = person({ scopes: ['metrics:read', 'queues:read'], queues: ['mail'] })
    expect((await rewind.queues(narrow, iso())).data.map(({ name }) => name)).toEqual(['mail'])
    expect(await rewind.overview(narrow, iso())).toMatchObject({ breakers_not_closed: 0, vitals: { waiting: { value: 1 } } }) // prettier-ignore
  })

  test('that is not kept is refused, and said from when on there are any', async ({ rewind, keep, iso }) => {
    await expect(rewind.queues(everyone, iso())).rejects.toMatchObject({ code: 'moment-not-kept' })
    await keep()
    await expect(rewind.overview(everyone, iso(60_000))).rejects.toMatchObject({
      code: 'moment-not-kept',
      message: expect.stringContaining(iso()) as string,
      extras: { members: { oldest: iso() } },
    })
  })

  test('of another version of k1n is not told as what it is not', async ({ kernel, rewind, iso, clock }) => {
    await kernel.redis.xadd(kernel.key('rewind', 'moments'), `${clock.now()}-0`, 'm', 'not this')
    await expect(rewind.queues(everyone, iso())).rejects.toMatchObject({ message: expect.stringContaining('another version') as string }) // prettier-ignore
  })
})

describe('moments are kept', () => {
  test('once a minute, whoever keeps them', async ({ keep, clock }) => {
    await clock.advance(60_000 - (clock.now() % 60_000))
    expect(await keep()).toBe(true)
    await clock.advance(59_999)
    expect(await keep()).toBe(false)
    await clock.advance(1)
    expect(await keep()).toBe(true)
  })

  test('for a day', async ({ kernel, keep, rewind, iso, clock }) => {
    await keep()
    const first = iso()
    await clock.advance(86_400_000 - 60_000)
    await keep()
    expect((await rewind.queues(everyone, first)).as_of).toBe(first)
    await clock.advance(120_000)
    await keep()
    await expect(rewind.queues(everyone, first)).rejects.toMatchObject({ code: 'moment-not-kept' })
    expect(await kernel.redis.pttl(kernel.key('rewind', 'moments'))).toBeGreaterThan(86_000_000)
  })
})
