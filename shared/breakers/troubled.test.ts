// The breakers the overview names: those that keep calls back now, however they came to it.
import { expect } from 'vitest'
import { test } from '../../test/support/fixtures.ts'
import type { Principal } from '../auth/contract.ts'
import { servicesOf, service } from '../services/declare.ts'
import { createServices } from '../services/services.ts'
import { createBreakers } from './breakers.ts'

const ada = { kind: 'key', id: 'k', name: 'Ada', scopes: [], queues: ['*'] } satisfies Principal

test('a breaker that is forced open is named with the jobs it holds, and is tried again once its time is over', async ({
  kernel,
  clock,
}) => {
  const services = createServices(kernel, {
    declared: servicesOf(service({ name: 'smtp', summary: 'Mail' })),
    forget: async () => {},
  })
  const breakers = createBreakers(kernel, { services, parked: () => Promise.resolve(new Map([['smtp', 7]])) })
  expect(await breakers.troubled()).toEqual([])
  await breakers.force(ada, 'smtp', 'forced_open', { reason: 'maintenance', ttl_s: 60 })
  const since = clock.now()
  expect(await breakers.troubled()).toEqual([
    { service: 'smtp', state: 'forced_open', since, forced: { by: 'Ada', reason: 'maintenance' }, parked: 7 },
  ])
  await clock.advance(60_000)
  expect(await breakers.troubled()).toMatchObject([{ service: 'smtp', state: 'half_open', since, forced: null }])
  await breakers.reset(ada, 'smtp')
  expect(await breakers.troubled()).toEqual([])
})
