// One attempt from end to end, through BullMQ on a real Redis.
import { z } from 'zod'
import { describe, expect, test as base } from '../../test/support/fixtures.ts'
import { catalogOf, kind } from '../catalog/catalog.ts'
import { cancel, done, fanOut, permanent, retryIn, snooze } from '../catalog/handler.ts'
import type { Directive, Handler, HandlerContext } from '../catalog/handler.ts'
import { createTestKit } from '../testing/testing.ts'
import type { TestKit } from '../testing/testing.ts'
import { attemptLogKey } from './facts.ts'
import type { AttemptFact } from './facts.ts'

const Payload = z.strictObject({ n: z.number().default(1) })
const step = kind({
  name: 'step',
  queue: 'steps',
  summary: 'Whatever the test wants.',
  payload: Payload,
  result: z.object({ n: z.number() }),
  retry: { attempts: 3, backoff: { type: 'custom', delays: [2_000, 70_000], jitter: 'none' } },
  timeoutMs: 30_000,
})
const part = kind({ name: 'part', queue: 'parts', summary: 'A child.', payload: Payload, result: z.number() })
const stranger = kind({
  name: 'stranger',
  queue: 'steps',
  summary: 'Nobody does it.',
  payload: Payload,
  result: z.null(),
})
const catalog = catalogOf(step, part, stranger)

type Step = Handler<typeof step>
interface Given {
  /** What the handler of `step` does next. */
  does: { step: Step; part: Handler<typeof part> }
  kit: TestKit<typeof catalog>
  facts: () => Promise<AttemptFact[]>
  hash: (id: string) => Promise<Record<string, string>>
}

const test = base.extend<Given>({
  does: async ({}, use) =>
    use({ step: ({ payload }) => done({ n: payload.n }), part: ({ payload }) => done(payload.n) }),
  kit: async ({ kernel, does }, use) => {
    const handlers = {
      step: (context: HandlerContext<{ n: number }>) => does.step(context),
      part: (context: HandlerContext<{ n: number }>) => does.part(context),
    }
    const kit = createTestKit(kernel, { catalog, handlers })
    await use(kit)
    await kit.close()
  },
  facts: async ({ kernel }, use) =>
    use(async () =>
      (await kernel.redis.xrange(attemptLogKey(kernel), '-', '+')).map(
        ([, fields]) => JSON.parse(fields[1] ?? '') as AttemptFact,
      ),
    ),
  hash: async ({ kernel, kit }, use) => use((id) => kernel.redis.hgetall(kit.bull.keys('steps').job(id))),
})

/** One of the things a handler does when it ignores its signal. */
const never = (): Promise<Directive<never>> => new Promise(() => undefined)

describe('what a handler says', () => {
  test('done completes the job with its result and writes nothing of ours', async ({ kit, kernel, facts, prefix }) => {
    const ran = await kit.perform('step', { n: 7 })
    expect(ran).toMatchObject({ state: 'completed', result: { n: 7 }, attemptsMade: 1 })
    expect(await facts()).toEqual([])
    expect(await kernel.redis.keys(`{${prefix}}*`)).toEqual([])
  })

  test('a result loses the members its kind does not name', async ({ kit, does }) => {
    does.step = () => done({ n: 1, secret: 'x' } as { n: number })
    expect((await kit.perform('step', {})).result).toEqual({ n: 1 })
  })

  test('snooze puts the job off, costs no attempt and is told with its reason', async ({ kit, does, facts }) => {
    does.step = () => snooze('5m', 'mailbox busy')
    const ran = await kit.perform('step', {})
    expect(ran).toMatchObject({ state: 'delayed', attemptsMade: 0 })
    expect(ran.delayMs).toBeGreaterThan(299_000)
    expect(await facts()).toMatchObject([
      { id: ran.id, outcome: 'snoozed', attempt: 1, delay_ms: 300_000, reason: 'mailbox busy' },
    ])
    does.step = ({ attempt, fence }) => done({ n: attempt * 100 + fence })
    expect((await kit.drain('steps')).at(-1)).toMatchObject({ state: 'completed', result: { n: 102 } })
  })

  test('cancel ends the job as cancelled, not as a dead letter', async ({ kit, does, facts, hash }) => {
    does.step = () => cancel('the user is gone')
    const ran = await kit.perform('step', {})
    expect(ran).toMatchObject({ state: 'failed', error: 'cancelled: the user is gone', attemptsMade: 1 })
    expect(await hash(ran.id)).toMatchObject({ k1nCancelled: 'the user is gone' })
    expect(await facts()).toMatchObject([{ outcome: 'cancelled', reason: 'the user is gone' }])
  })

  test('anything else is refused for good, with the list of what is allowed', async ({ kit, does }) => {
    for (const said of [undefined, 'ok', { directive: 'again' }, { n: 1 }]) {
      does.step = () => said as never
      const ran = await kit.perform('step', {})
      expect(ran).toMatchObject({ state: 'failed', attemptsMade: 1 })
      expect(ran.error).toContain(
        'it may return done(result), snooze(period, reason), cancel(reason) or fanOut(children)',
      )
    }
  })

  test('a result of another shape, fails for good', async ({ kit, does }) => {
    for (const [result, words] of [
      [{ n: 'x' }, 'the result is not one of step: n:'],
      [undefined, 'the result is not one of step'],
    ] as const) {
      does.step = () => done(result as never)
      expect((await kit.perform('step', {})).error).toContain(words)
    }
  })
})

describe('what a handler throws', () => {
  test('is tried again after exactly the delay its policy says, and is recorded', async ({ kit, does, facts }) => {
    does.step = () => {
      throw Object.assign(new Error('no route'), { name: 'NetError', code: 'EHOSTUNREACH' })
    }
    const first = await kit.perform('step', {})
    expect(first).toMatchObject({ state: 'delayed', attemptsMade: 1, delayMs: 2_000, error: 'no route' })
    const [second, third] = await kit.drain('steps')
    expect(second).toMatchObject({ state: 'delayed', attemptsMade: 2, delayMs: 70_000 })
    expect(third).toMatchObject({ state: 'failed', attemptsMade: 3 })
    const told = await facts()
    expect(told.map(({ outcome, attempt, delay_ms }) => [outcome, attempt, delay_ms])).toEqual([
      ['retrying', 1, 2_000],
      ['retrying', 2, 70_000],
      ['failed', 3, 0],
    ])
    expect(told[0]).toMatchObject({
      max_attempts: 3,
      strategy: 'custom',
      worker_id: 'w_test',
      error: { name: 'NetError', message: 'no route', code: 'EHOSTUNREACH' },
    })
    expect(told[0]?.error?.stack).toContain('attempts.test.ts')
  })

  test('the last attempt says why the job died', async ({ kit, does, hash }) => {
    does.step = () => {
      throw new Error('again')
    }
    const ran = await kit.perform('step', {}, { attempts: 1 })
    expect(ran.state).toBe('failed')
    expect(await hash(ran.id)).toMatchObject({ k1nReason: 'exhausted' })
  })

  test('an error may say itself when the next attempt shall be', async ({ kit, does }) => {
    does.step = () => {
      throw retryIn(new Error('closed on Sundays'), 86_400_000)
    }
    expect(await kit.perform('step', {})).toMatchObject({ state: 'delayed', delayMs: 86_400_000 })
  })

  test('a permanent error dies at the first attempt', async ({ kit, does, hash, facts }) => {
    does.step = () => {
      throw permanent(new Error('no such customer'))
    }
    const ran = await kit.perform('step', {})
    expect(ran).toMatchObject({ state: 'failed', attemptsMade: 1, error: 'no such customer' })
    expect(await hash(ran.id)).toMatchObject({ k1nReason: 'permanent' })
    expect(await facts()).toMatchObject([{ outcome: 'failed', error: { class: 'permanent' } }])
  })

  test('Retry-After is obeyed', async ({ kit, does }) => {
    does.step = () => {
      throw Object.assign(new Error('busy'), { status: 429, retryAfterMs: 90_000 })
    }
    expect((await kit.perform('step', {})).delayMs).toBeGreaterThanOrEqual(90_000)
  })

  test('huge errors and things that are no errors are kept small', async ({ kit, does, hash }) => {
    for (const thrown of [new Error('x'.repeat(1_000_000)), 'a text', undefined, Object.create(null), Symbol('s')]) {
      does.step = () => {
        throw thrown
      }
      const ran = await kit.perform('step', {}, { attempts: 1 })
      const { failedReason = '', stacktrace = '' } = await hash(ran.id)
      expect(failedReason.length + stacktrace.length).toBeLessThan(40_000)
      expect(failedReason).not.toBe('')
    }
  })
})

describe('before a handler is called', () => {
  test('a payload of another shape dies at once and names the member', async ({ kit, facts }) => {
    const ran = await kit.perform('step', { n: 'seven', more: 1 } as never)
    expect(ran).toMatchObject({ state: 'failed', attemptsMade: 1 })
    expect(ran.error).toContain('the payload is not one of step: n: ')
    expect(await facts()).toMatchObject([{ error: { name: 'PayloadInvalid', class: 'permanent' } }])
  })

  test('a job nobody has a handler for dies at once and says which there are', async ({ kit }) => {
    const ran = await kit.perform('stranger', {})
    expect(ran.error).toBe('no handler is called "stranger"; this version of the workers has: step, part, stranger')
  })

  test('a name of no kind at all dies at once', async ({ kit }) => {
    await kit.bull.queue('steps').add('constructor', {})
    expect((await kit.drain('steps'))[0]).toMatchObject({ state: 'failed', attemptsMade: 1 })
  })
})

describe('jobs that other services added', () => {
  test('options that make no sense do no harm: the kind decides', async ({ kit, does }) => {
    does.step = () => {
      throw new Error('again')
    }
    const backoffs = [{ type: 'constructor' }, { type: 'nope', delay: 5 }, { type: 'fixed', delay: 'abc' }, -5, 'x']
    for (const backoff of backoffs) {
      await kit.bull.queue('steps').add('step', {}, { attempts: 2, backoff: backoff as never })
      const [first, last] = await kit.drain('steps')
      expect(first).toMatchObject({ state: 'delayed', delayMs: 2_000 })
      expect(last).toMatchObject({ state: 'failed', attemptsMade: 2 })
    }
  })

  test('plain options of BullMQ are kept', async ({ kit, does }) => {
    does.step = () => {
      throw new Error('again')
    }
    await kit.bull.queue('steps').add('step', {}, { attempts: 3, backoff: { type: 'exponential', delay: 4_000 } })
    expect((await kit.drain('steps')).map(({ delayMs, state }) => [state, delayMs])).toEqual([
      ['delayed', 4_000],
      ['delayed', 8_000],
      ['failed', 0],
    ])
  })

  test('without attempts the kind says how many', async ({ kit, does }) => {
    does.step = () => {
      throw new Error('again')
    }
    await kit.bull.queue('steps').add('step', {})
    expect(await kit.drain('steps')).toHaveLength(3)
  })
})

describe('time', () => {
  test('a handler hears its time-out through its signal', async ({ kit, does, clock, facts }) => {
    does.step = async ({ signal }) => {
      setImmediate(() => void clock.advance(30_000))
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
      return done({ n: 1 })
    }
    expect(await kit.perform('step', {})).toMatchObject({ state: 'delayed', delayMs: 2_000 })
    expect(await facts()).toMatchObject([{ outcome: 'retrying', error: { name: 'TimeoutError', class: 'timeout' } }])
  })

  test('one that ignores it is judged at its deadline, and its late result never counts', async ({
    kit,
    does,
    clock,
    kernel,
  }) => {
    const late = Promise.withResolvers<Directive<{ n: number }>>()
    let meddle: () => Promise<void> = () => Promise.resolve()
    does.step = (context) => {
      meddle = () => context.progress(99)
      setImmediate(() => void clock.advance(30_000))
      return late.promise
    }
    const ran = await kit.perform('step', {}, { attempts: 1 })
    expect(ran).toMatchObject({ state: 'failed' })
    expect(ran.error).toContain('ran longer than the 30000 ms')
    late.resolve(done({ n: 1 }))
    await meddle()
    expect(
      await kernel.redis.hmget(kit.bull.keys('steps').job(ran.id), 'k1nReason', 'returnvalue', 'progress'),
    ).toEqual(['timeout', null, null])
  })

  test("a job's own time-out wins over its kind's", async ({ kit, does, clock }) => {
    does.step = () => {
      setImmediate(() => void clock.advance(50))
      return never()
    }
    await kit.bull.queue('steps').add('step', {}, { attempts: 1, k1n: { timeout_ms: 50 } } as never)
    expect((await kit.drain('steps'))[0]?.error).toContain('ran longer than the 50 ms')
  })
})

describe('children', () => {
  const spread: Step = async ({ children }) => {
    const { resumed, completed, failed } = await children()
    if (!resumed) return fanOut([1, 2, 3].map((n) => ({ name: 'part', key: n, payload: { n } })))
    if (failed.length > 0) throw permanent(new Error(`${failed.length} failed: ${failed[0]?.reason ?? ''}`))
    return done({ n: completed.reduce((sum, { result }) => sum + (result as number), 0) })
  }

  test('fanOut waits for the jobs it makes and hears what came of them', async ({ kit, does }) => {
    does.step = spread
    const parent = await kit.perform('step', {})
    expect(parent.state).toBe('waiting-children')
    await kit.expectEnqueued('part', { n: 2 })
    const ran = await kit.drain()
    expect(ran.filter(({ queue }) => queue === 'parts')).toHaveLength(3)
    expect(ran.at(-1)).toMatchObject({ id: parent.id, state: 'completed', result: { n: 6 }, attemptsMade: 1 })
  })

  test('another life of the parent is another life for the children that failed, and only for them', async ({
    kit,
    does,
  }) => {
    does.step = spread
    does.part = ({ payload }) => {
      if (payload.n === 2) throw permanent(new Error('two is broken'))
      return done(payload.n)
    }
    const parent = await kit.perform('step', {})
    expect((await kit.drain()).at(-1)).toMatchObject({
      id: parent.id,
      state: 'failed',
      error: '1 failed: two is broken',
    })

    does.part = ({ payload }) => done(payload.n * 10)
    const job = await kit.bull.queue('steps').getJob(parent.id)
    await job?.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true })
    const ran = await kit.drain()
    expect(ran.filter(({ queue }) => queue === 'parts')).toMatchObject([{ state: 'completed', result: 20 }])
    expect(ran.at(-1)).toMatchObject({ id: parent.id, state: 'completed', result: { n: 1 + 20 + 3 } })
  })

  test('children of no kind, or with another payload, fail the parent for good', async ({ kit, does }) => {
    for (const child of [
      { name: 'nope', payload: {} },
      { name: 'part', payload: { n: 'x' } },
    ]) {
      does.step = () => fanOut([{ ...child, key: 1 }])
      expect(await kit.perform('step', {})).toMatchObject({ state: 'failed', attemptsMade: 1 })
    }
    expect(await kit.bull.queue('parts').getJobCountByTypes('wait', 'delayed', 'failed')).toBe(0)
  })

  test('a handler that fans out for ever is stopped', async ({ kit, does }) => {
    does.step = () => fanOut([{ name: 'part', key: 'same', payload: {} }])
    await kit.perform('step', {})
    expect((await kit.drain()).at(-1)?.error).toContain('again and again')
  })
})

describe('what a handler may do while it runs', () => {
  test('it logs, tells progress and has a key for calls that must not be made twice', async ({ kit, does, hash }) => {
    let key = ''
    does.step = async ({ log, progress, idempotencyKey, id }) => {
      await log('half way')
      await progress({ percent: 50 })
      key = idempotencyKey.replace(id, 'ID')
      return done({ n: 1 })
    }
    const ran = await kit.perform('step', {})
    expect((await kit.bull.queue('steps').getJobLogs(ran.id)).logs).toEqual(['half way'])
    expect(await hash(ran.id)).toMatchObject({ progress: '{"percent":50}' })
    expect(key).toBe('steps:ID:0')
  })
})
