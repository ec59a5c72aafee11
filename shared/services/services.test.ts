// Services: what holds when code and operators both have a say, and what a process knows of it.
import { person } from '../../test/support/rooms.ts'
import { describe, expect, test } from '../../test/support/fixtures.ts'
import { createBreakers } from '../breakers/breakers.ts'
import { createBreakerStore } from '../breakers/store.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { service, servicesOf } from './declare.ts'
import type { DeclaredService, ServiceOptions } from './declare.ts'
import { createServices } from './services.ts'
import type { Services } from './services.ts'

const me = person()
const declared = (options: Partial<ServiceOptions> = {}): ReadonlyMap<string, DeclaredService> =>
  servicesOf(service({ name: 'spotify', summary: 'Music.', ...options }))
const deploy = (kernel: Kernel, options: Partial<ServiceOptions> = {}): Services =>
  createServices(kernel, { declared: declared(options) })

describe('a deploy', () => {
  test('changes what nobody touched, and nothing that somebody did', async ({ kernel }) => {
    await deploy(kernel).edit(me, 'spotify', { breaker: { open_ms: 5_000 }, budget: { limit: 10, per_ms: 1_000, unit: 'calls', allocations: [] } }) // prettier-ignore
    const next = deploy(kernel, { breaker: { open_ms: 60_000, jitter: 0 }, budget: '5/min', concurrency: { max: 3 } })
    expect(await next.show('spotify')).toMatchObject({
      breaker: { open_ms: 5_000, jitter: 0 },
      budget: { limit: 10 },
      concurrency: { max: 3 },
      sources: { breaker: 'edited', budget: 'edited', concurrency: 'declared', retry_budget: 'declared' },
    })
  })

  test('that no longer goes with a change leaves a service that works', async ({ kernel }) => {
    await deploy(kernel).edit(me, 'spotify', { breaker: { open_ms: 400_000 } })
    const next = deploy(kernel, { breaker: { open_ms: 1_000, open_max_ms: 2_000 } })
    expect((await next.show('spotify')).breaker).toMatchObject({ open_ms: 1_000, open_max_ms: 2_000 })
  })

  test('without the declaration leaves what was changed, as a service of its own', async ({ kernel }) => {
    await deploy(kernel).edit(me, 'spotify', { summary: 'Songs.' })
    const next = createServices(kernel, { declared: new Map() })
    expect(await next.show('spotify')).toMatchObject({ origin: 'created', summary: 'Songs.' })
  })
})

test('a part that a newer version wrote leaves the others as they are', async ({ kernel }) => {
  const record = { origin: 'declared', at: 1, by: 'Ada', edits: { breaker: { open_ms: 5_000 }, budget: { moon: 1 } } }
  await kernel.redis.hset(kernel.key('services', 'records'), { spotify: `7 ${JSON.stringify(record)}`, odd: '8 {' })
  const services = deploy(kernel, { budget: '5/min' })
  expect(await services.show('spotify')).toMatchObject({
    breaker: { open_ms: 5_000 },
    budget: { limit: 5 },
    version: 7,
  })
  expect((await services.list({ limit: 10 })).data).toHaveLength(1)
})

describe('a process', () => {
  test('knows the defaults at once and hears of changes', async ({ kernel }) => {
    const [worker, api] = [deploy(kernel), deploy(kernel)]
    await worker.start()
    expect(worker.configOf('spotify')).toBe(worker.configOf('spotify'))
    expect(worker.configOf('nobody').breaker.open_ms).toBe(30_000)
    await api.edit(me, 'spotify', { breaker: { open_ms: 5_000 } })
    await expect.poll(() => worker.configOf('spotify').breaker.open_ms).toBe(5_000)
    await api.remove(me, 'spotify')
    await expect.poll(() => worker.configOf('spotify').breaker.open_ms).toBe(30_000)
    await worker.stop()
  })

  test('that heard nothing looks by itself', async ({ kernel, clock }) => {
    const [worker, api] = [deploy(kernel), deploy(kernel)]
    worker.configOf('spotify')
    await api.edit(me, 'spotify', { breaker: { open_ms: 5_000 } })
    await clock.advance(3_000)
    await expect.poll(() => worker.configOf('spotify').breaker.open_ms).toBe(5_000)
  })
})

describe('a host that jobs call', () => {
  test('is learnt once, under one name however it is written', async ({ kernel }) => {
    const services = deploy(kernel)
    const names = ['API.example', 'api.example.', 'spotify', 'a_b.example:8080', '[::1]:3000', 'ex$mple', ''].map(
      (host) => services.learn(host),
    )
    expect(names).toEqual(['api.example', 'api.example', 'spotify', 'a_b.example:8080', '[::1]:3000', undefined, undefined]) // prettier-ignore
    await expect.poll(() => services.names()).toEqual(['[::1]:3000', 'a_b.example:8080', 'api.example', 'spotify'])
    expect(await services.show('api.example')).toMatchObject({ origin: 'learnt', sources: { breaker: 'learnt' } })
  })

  test('takes the place of the one that was called least lately, whose breaker goes too', async ({ kernel, clock }) => {
    const services: Services = createServices(kernel, {
      declared: new Map(),
      forget: (names) => breakers.forget(names),
    })
    const breakers = createBreakers(kernel, { services })
    const old = clock.now() - 1_000
    const hosts = Array.from({ length: 999 }, (_, n) => [old + 1, `h${n}.example`] as const)
    await kernel.redis.zadd(
      kernel.key('services', 'learnt'),
      ...hosts.flat(),
      old,
      'oldest.example',
      old,
      'held.example',
    )
    await breakers.reset(me, 'oldest.example')
    await breakers.force(me, 'held.example', 'forced_open', { reason: 'a test' })
    services.learn('new.example')
    await expect.poll(async () => (await services.names()).length).toBe(1_000)
    const names = await services.names()
    expect(names).toContain('new.example')
    expect(names).not.toContain('oldest.example')
    await expect
      .poll(async () => [...(await createBreakerStore(kernel).states()).states.keys()])
      .toEqual(['held.example'])
    // What somebody forced is shown and can be let go although its service is forgotten.
    expect(await breakers.show('held.example')).toMatchObject({ state: 'forced_open' })
  })
})
