// What differs between then and now is told, what does not is not.
import { expect, test } from 'vitest'
import type { Breaker } from '../../shared/breakers/contract.ts'
import type { Queue } from '../../shared/queues/contract.ts'
import { breakersBeside, queuesBeside } from './comparing.ts'

const queue = (name: string, waiting: number, paused = false): [string, Queue] => [
  name,
  { name, paused, counts: { waiting, prioritized: 0, failed: 0 } } as Queue,
]
const breaker = (service: string, state: Breaker['state']): [string, Breaker] => [
  service,
  { service, state } as Breaker,
]

test('queues that stand otherwise are told, the longest way first; one that came or went too', () => {
  const then = new Map([queue('same', 3), queue('mail', 900), queue('http', 0, true), queue('gone', 5)])
  const now = new Map([queue('same', 3), queue('mail', 10), queue('http', 0), queue('new', 1)])
  expect(queuesBeside(then, now)).toEqual([
    { what: 'mail', then: '900 waiting, 0 dead', now: '10 waiting, 0 dead' },
    { what: 'gone', then: '5 waiting, 0 dead', now: 'not there' },
    { what: 'new', then: 'not there', now: '1 waiting, 0 dead' },
    { what: 'http', then: 'paused, 0 waiting, 0 dead', now: '0 waiting, 0 dead' },
  ])
})

test('breakers in another state are told', () => {
  const then = new Map([breaker('a', 'closed'), breaker('b', 'forced_open')])
  const now = new Map([breaker('a', 'closed'), breaker('b', 'half_open')])
  expect(breakersBeside(then, now)).toEqual([{ what: 'b', then: 'forced open', now: 'half open' }])
})
