// The tables of docs/states.md, tried cell by cell against the code.
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { attemptLogKey } from '../shared/attempts/facts.ts'
import type { AttemptFact } from '../shared/attempts/facts.ts'
import { catalogOf, kind } from '../shared/catalog/catalog.ts'
import { cancel, done, fanOut, permanent, snooze } from '../shared/catalog/handler.ts'
import type { Directive } from '../shared/catalog/handler.ts'
import type { Address } from '../shared/kernel/ids.ts'
import { formatAddress } from '../shared/kernel/ids.ts'
import { isProblem } from '../shared/kernel/problem.ts'
import { createTestKit } from '../shared/testing/testing.ts'
import { describe, die, expect, input, saysOf, test } from './support/rooms.ts'
import type { RoomFixtures } from './support/rooms.ts'
import type { Kernel } from '../shared/kernel/kernel.ts'

const text = readFileSync(new URL('../docs/states.md', import.meta.url), 'utf8')

/** The rows of the table whose first heading is `first`, by column. */
const tableOf = (first: string): Record<string, string>[] => {
  const lines = text.split('\n')
  const at = lines.findIndex((line) => line.startsWith(`| ${first} `))
  const cells = (line: string): string[] =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', ''))
  const names = cells(lines[at] ?? '')
  const rows = lines.slice(at + 2)
  return rows
    .slice(
      0,
      rows.findIndex((line) => !line.startsWith('|')),
    )
    .map((line) => Object.fromEntries(cells(line).map((cell, index) => [names[index] ?? '', cell])))
}

type Given = Omit<RoomFixtures, 'operations' | 'runner'> & { kernel: Kernel }
const at = (id: string): Address => ({ queue: 'mail', id })
const to = 'a@example.com'

const enqueue = async ({ jobs, me }: Given, options = {}): Promise<Address> => {
  const { job } = await jobs.enqueue(me, input({ name: 'mail.send', data: { to }, options }))
  return at(job.id.slice('mail:'.length))
}

const dead = async (given: Given): Promise<Address> => {
  const address = await enqueue(given, { attempts: 1 })
  await die(given, 'mail', [address.id])
  return address
}

/** Ways to bring a job into a state. */
const arrange: Record<string, (given: Given) => Promise<Address>> = {
  waiting: (given) => enqueue(given),
  prioritized: (given) => enqueue(given, { priority: 'high' }),
  delayed: (given) => enqueue(given, { delay_ms: 60_000 }),
  failed: dead,
  async active(given) {
    const address = await enqueue(given)
    const worker = given.work('mail', () => new Promise(() => undefined), { name: 'w_states' })
    await saysOf(worker, 'active', address.id)
    return address
  },
  async parked(given) {
    const address = await enqueue(given, { delay_ms: 60_000 })
    const park = { service: 'smtp', cause: 'breaker', until: 1, since: 1, ats: 0, reason: 'breaker smtp open' }
    await given.kernel.redis.hset(given.bull.keys('mail').job(address.id), 'k1nPark', JSON.stringify(park))
    return address
  },
  async waiting_children({ bull }) {
    const child = { name: 'report.build', queueName: 'reports', data: {}, opts: { jobId: 't_child' } }
    await bull.flow().add({ name: 'mail.send', queueName: 'mail', data: { to }, opts: { jobId: 't_parent' }, children: [child] }) // prettier-ignore
    return at('t_parent')
  },
  async completed(given) {
    const address = await enqueue(given)
    const worker = given.work('mail', async () => ({}), { autorun: false })
    const ended = saysOf(worker, 'completed', address.id)
    void worker.run()
    await ended
    await worker.close()
    return address
  },
  async cancelled(given) {
    const address = await dead(given)
    await given.kernel.redis.hset(given.bull.keys('mail').job(address.id), 'k1nCancelled', 'by a test')
    return address
  },
}

const verbs: Record<string, (given: Given, address: Address) => Promise<unknown>> = {
  cancel: ({ jobs, me }, address) => jobs.cancel(me, address, 'by a test'),
  promote: ({ jobs, me }, address) => jobs.promote(me, address),
  retry: ({ jobs, me }, address) => jobs.retry(me, address),
  skip: ({ jobs, me }, address) => jobs.skip(me, address, 'by a test'),
  delete: ({ jobs, me }, address) => jobs.remove(me, address),
  resubmit: ({ dlq, me }, address) => dlq.resubmit(me, formatAddress(address), { reset_attempts: true, delay_ms: 0 }),
}

/** The state a verb leaves behind, or the code of the problem it answers. */
const outcomeOf = async (given: Given, verb: string, address: Address): Promise<string> => {
  try {
    await verbs[verb]?.(given, address)
    return (await given.jobs.show(given.me, address)).state
  } catch (error) {
    if (isProblem(error)) return error.code
    throw error
  }
}

const cells = tableOf('state').flatMap(({ state = '', ...row }) =>
  Object.entries(row).map(([verb, after]) => ({ state, verb, after })),
)

describe('the table of verbs', () => {
  test('knows every way to arrange a job, and every verb', () => {
    expect(new Set(cells.map(({ state }) => state))).toEqual(new Set(Object.keys(arrange)))
    expect(new Set(cells.map(({ verb }) => verb))).toEqual(new Set(Object.keys(verbs)))
  })

  test.for(cells)(
    '$state, $verb: $after',
    async (
      { state, verb, after },
      { bull, jobs, dlq, me, work, kernel, foreign, log, queues, registry, retries, explain },
    ) => {
      const given = { bull, jobs, dlq, me, work, kernel, foreign, log, queues, registry, retries, explain }
      const address = await (arrange[state] ?? arrange['waiting'])?.(given)
      if (address === undefined) throw new Error('unreachable')
      expect((await jobs.show(me, address)).state).toBe(state)
      expect(await outcomeOf(given, verb, address)).toBe(after)
    },
  )
})

const step = kind({
  name: 'step',
  queue: 'steps',
  summary: 'Ends as the test says.',
  payload: z.strictObject({}),
  result: z.null(),
  retry: { attempts: 2, backoff: { type: 'fixed', delay_ms: 60_000, jitter: 'none' } },
  timeoutMs: 30_000,
})
const part = kind({ name: 'part', queue: 'parts', summary: 'A child.', payload: z.strictObject({}), result: z.null() })

/** Ways for a handler to end an attempt, and how many attempts it has. */
const ends: Record<string, { attempts: number; run: () => Directive<null> | Promise<Directive<null>> }> = {
  done: { attempts: 2, run: () => done(null) },
  'throw, attempts left': { attempts: 2, run: () => Promise.reject(new Error('not yet')) },
  'throw, none left': { attempts: 1, run: () => Promise.reject(new Error('no more')) },
  'throw permanent': { attempts: 2, run: () => Promise.reject(permanent(new Error('never'))) },
  'time-out, none left': { attempts: 1, run: () => new Promise<never>(() => undefined) },
  snooze: { attempts: 2, run: () => snooze('5m', 'later') },
  cancel: { attempts: 2, run: () => cancel('not wanted') },
  fanOut: { attempts: 2, run: () => fanOut([{ name: 'part', key: 1, payload: {} }]) },
}

const factsOf = async (kernel: Kernel): Promise<AttemptFact[]> =>
  (await kernel.redis.xrange(attemptLogKey(kernel), '-', '+')).map(
    ([, fields]) => JSON.parse(fields[1] ?? '') as AttemptFact,
  )

describe('the table of ends', () => {
  const rows = tableOf('it ended by')

  test('knows every way a handler can end', () => {
    expect(rows.map((row) => row['it ended by'])).toEqual(Object.keys(ends))
  })

  test.for(rows.map((row) => ({ row, by: row['it ended by'] ?? '' })))(
    '$by',
    async ({ row, by }, { kernel, clock }) => {
      const end = ends[by]
      if (end === undefined) throw new Error('unreachable')
      const catalog = catalogOf(step, part)
      const kit = createTestKit(kernel, {
        catalog,
        handlers: {
          part: () => done(null),
          step: async () => {
            if (by.startsWith('time-out')) await clock.advance(30_000)
            return end.run()
          },
        },
      })
      const ran = await kit.perform('step', {}, { attempts: end.attempts })
      const [fact] = await factsOf(kernel)
      expect({ state: ran.state, called: fact?.outcome ?? (ran.state === 'completed' ? 'completed' : '–') }).toEqual({
        state: row['job after'],
        called: row['attempt is called'],
      })
      expect(ran.attemptsMade > 0 ? 'yes' : 'no').toBe(row['costs an attempt'])
      await kit.close()
    },
  )
})
