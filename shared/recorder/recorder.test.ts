// What the recorder promises: every fact once, whatever happens to it, to its streams and to what others write in them.
import { Queue, Worker, UnrecoverableError } from 'bullmq'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { Redis } from 'ioredis'
import { createHistory } from '../attempts/history.ts'
import { appendAttempt } from '../attempts/facts.ts'
import { createBull } from '../bullmq/bullmq.ts'
import { systemClock } from '../kernel/clock.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { createEventLog } from '../stream/log.ts'
import { spansKey, unpackSpans } from '../timeline/spans.ts'
import { describe, expect, test as base, testRedisUrl } from '../../test/support/fixtures.ts'
import { malformedKey } from './set-aside.ts'
import { createRecorder } from './recorder.ts'

interface Foreign {
  queue: Queue
  /** Runs jobs with a plain BullMQ worker until the queue has nothing left to do. */
  work(process: (job: { name: string; attemptsMade: number }) => Promise<unknown>): Promise<void>
}

const connection = (): { url: string; maxRetriesPerRequest: null } => ({
  url: testRedisUrl(),
  maxRetriesPerRequest: null,
})

const test = base.extend<{ bull: Bull; foreign: Foreign }>({
  bull: async ({ kernel }, use) => {
    const bull = createBull(kernel)
    await use(bull)
    await bull.close()
  },
  foreign: async ({ kernel }, use) => {
    const queue = new Queue('emails', { connection: connection(), prefix: kernel.bullPrefix })
    await use({ queue, work: (process) => work(queue, kernel.bullPrefix, process) })
    await queue.close()
  },
})

const work = async (
  queue: Queue,
  prefix: string,
  process: (job: { name: string; attemptsMade: number }) => Promise<unknown>,
) => {
  const worker = new Worker(queue.name, (job) => process(job), {
    connection: connection(),
    prefix,
    concurrency: 5,
    autorun: false,
  })
  const idle = new Promise<void>((resolve) => {
    const look = async (): Promise<void> => {
      const counts = await queue.getJobCounts('active', 'delayed', 'waiting', 'prioritized')
      if (Object.values(counts).every((count) => count === 0)) resolve()
    }
    worker.on('completed', () => void look())
    worker.on('failed', () => void look())
  })
  void worker.run()
  await idle
  await worker.close()
}

const facts = async (kernel: Kernel) => {
  const entries = await createEventLog(kernel).readAfter('0-0', 10_000)
  return entries.map(({ name, data }) => ({ name, data: JSON.parse(data) as Record<string, unknown> }))
}
const named = async (kernel: Kernel, name: string) =>
  (await facts(kernel)).filter((fact) => fact.name === name).map((fact) => fact.data)

test.for<[string, number, number[]]>([
  ['the run that stalled', 30_000, [-30_000, 30_000]],
  ['the run after it, which says nothing of the one before', 50, [0, 0]],
])(
  'a stall nobody saw the beginning of is told where its job tells of %s',
  async ([, ago, told], { kernel, bull, foreign }) => {
    const { id = '' } = await foreign.queue.add('slow', {})
    const at = Date.now() + 1_000
    await kernel.redis.hset(bull.keys('emails').job(id), 'processedOn', at - ago)
    await kernel.redis.xadd(bull.keys('emails').events, `${at}-0`, 'event', 'stalled', 'jobId', id)
    await createRecorder(kernel, bull).catchUp()
    const entries = await kernel.redis.xrangeBuffer(spansKey(kernel, 'emails'), '-', '+')
    const spans = entries.flatMap(([, [, packed]]) => (packed ? unpackSpans('emails', packed) : []))
    expect(spans.map(({ state, start, run }) => [state, start - at, run])).toEqual([['stalled', ...told]])
  },
)

describe('jobs of plain BullMQ producers and workers', () => {
  test('tell their whole life with no change on their side', async ({ kernel, bull, foreign }) => {
    await foreign.queue.add('welcome', { to: 'a@b.c' })
    await foreign.work(async () => 'sent')
    await createRecorder(kernel, bull).catchUp()
    expect((await facts(kernel)).map((fact) => fact.name)).toEqual([
      'job.added',
      'job.active',
      'job.completed',
      'queue.drained',
    ])
    expect((await named(kernel, 'job.completed'))[0]).toMatchObject({
      queue: 'emails',
      name: 'welcome',
      attempt: 1,
      state: 'completed',
    })
    const [done] = await named(kernel, 'job.completed')
    expect(await named(kernel, 'queue.drained')).toMatchObject([{ queue: 'emails', task_id: done?.['task_id'] }])
  })

  test('that are cleaned away are told of, and cleaning nothing is not', async ({ kernel, bull, foreign }) => {
    await foreign.queue.add('welcome', {})
    await foreign.work(async () => 'sent')
    await foreign.queue.clean(3_600_000, 10, 'completed')
    await foreign.queue.clean(0, 10, 'completed')
    await createRecorder(kernel, bull).catchUp()
    expect(await named(kernel, 'queue.cleaned')).toMatchObject([{ queue: 'emails', count: 1 }])
  })

  test('show each failed attempt and the dead letter at the end', async ({ kernel, bull, foreign }) => {
    const job = await foreign.queue.add('welcome', {}, { attempts: 3 })
    await foreign.work(async (running) => {
      throw new TypeError(`attempt ${running.attemptsMade + 1} broke`)
    })
    await createRecorder(kernel, bull).catchUp()
    const address = `emails:${job.id}`
    expect(await named(kernel, 'error_recovery.retry_attempt')).toMatchObject([{ attempt: 1 }, { attempt: 2 }])
    expect(await named(kernel, 'error_recovery.dlq_entry_added')).toMatchObject([
      { task_id: address, attempts: 3, reason: 'exhausted' },
    ])
    const history = await createHistory(kernel, bull).list({ queue: 'emails', id: job.id as string })
    expect(history.map(({ attempt, outcome, inferred }) => [attempt, outcome, inferred])).toEqual([
      [1, 'retrying', true],
      [2, 'retrying', true],
      [3, 'failed', true],
    ])
    expect(history[2]?.error).toMatchObject({ name: 'TypeError', message: 'attempt 3 broke' })
  })

  for (const resetAttempts of [true, false])
    test(`show the failed attempts of each of their lives, ${resetAttempts ? 'counted anew' : 'counted on'}`, async ({
      kernel,
      bull,
      foreign,
    }) => {
      const { id = '' } = await foreign.queue.add('welcome', {}, { attempts: 2 })
      const recorder = createRecorder(kernel, bull)
      const live = async (life: string): Promise<void> => {
        await foreign.work(async ({ attemptsMade }) => {
          throw new TypeError(`attempt ${attemptsMade + 1} of the ${life} life broke`)
        })
        await recorder.catchUp()
      }
      await live('first')
      await bull.revive({ queue: 'emails', id }, { from: 'failed', resetAttempts, delayMs: 0 })
      await live('second')
      const history = await createHistory(kernel, bull).list({ queue: 'emails', id })
      const told = history.map(({ outcome, error }) => [outcome, error?.message])
      expect(told).toEqual([
        ['retrying', 'attempt 1 of the first life broke'],
        ['failed', 'attempt 2 of the first life broke'],
        ...(resetAttempts
          ? [
              ['retrying', 'attempt 1 of the second life broke'],
              ['failed', 'attempt 2 of the second life broke'],
            ]
          : [['failed', 'attempt 3 of the second life broke']]),
      ])
      expect(await named(kernel, 'error_recovery.retry_attempt')).toHaveLength(resetAttempts ? 2 : 1)
    })

  for (const ending of ['completed', 'failed'] as const)
    test(`tell every failed attempt to a recorder that took over before the first one and reads after the last: ${ending}`, async ({
      kernel,
      bull,
      foreign,
    }) => {
      const { id = '' } = await foreign.queue.add('welcome', {}, { attempts: 3 })
      await createRecorder(kernel, bull).catchUp()
      await foreign.work(async ({ attemptsMade }) => {
        if (ending === 'completed' && attemptsMade === 2) return 'sent'
        throw new TypeError(`attempt ${attemptsMade + 1} broke`)
      })
      await createRecorder(kernel, bull).catchUp()
      const broke = (attempt: number) => ({
        attempt,
        error: { name: 'TypeError', message: `attempt ${attempt} broke` },
      })
      expect(await named(kernel, 'error_recovery.retry_attempt')).toMatchObject([broke(1), broke(2)])
      const history = await createHistory(kernel, bull).list({ queue: 'emails', id })
      expect(history.slice(0, 2)).toMatchObject([broke(1), broke(2)])
      expect(history[2]).toMatchObject(ending === 'failed' ? broke(3) : { attempt: 3, outcome: 'completed' })
    })

  test('that fail for good at once are permanent', async ({ kernel, bull, foreign }) => {
    await foreign.queue.add('welcome', {}, { attempts: 3 })
    await foreign.work(async () => {
      throw new UnrecoverableError('no such user')
    })
    await createRecorder(kernel, bull).catchUp()
    expect(await named(kernel, 'error_recovery.dlq_entry_added')).toMatchObject([{ reason: 'permanent', attempts: 1 }])
  })

  test('die with the error our worker judged, also when this recorder never saw the attempt told', async ({
    kernel,
    bull,
    foreign,
  }) => {
    const job = await foreign.queue.add('welcome', {})
    await foreign.work(async () => {
      const judged = { attempt: 1, name: 'OutboundError', code: 'dns', class: 'transient' }
      await kernel.redis.hset(bull.keys('emails').job(String(job.id)), 'k1nError', JSON.stringify(judged))
      throw new Error('no such host')
    })
    await createRecorder(kernel, bull).catchUp()
    for (const name of ['job.failed', 'error_recovery.retry_exhausted', 'error_recovery.dlq_entry_added'])
      expect(await named(kernel, name)).toMatchObject([
        { error: { name: 'OutboundError', code: 'dns', class: 'transient', message: 'no such host' } },
      ])
  })

  test('that were cancelled are no dead letters, also when they were tried again before it was told', async ({
    kernel,
    bull,
    foreign,
  }) => {
    const { id = '' } = await foreign.queue.add('welcome', {})
    const address = { queue: 'emails', id }
    const judged = JSON.stringify({ attempt: 1, name: 'Cancelled', class: 'permanent' })
    await foreign.work(async () => {
      await kernel.redis.hset(bull.keys('emails').job(id), { pb: 'w_1', k1nCancelled: 'by me', k1nError: judged })
      throw new UnrecoverableError('cancelled: by me')
    })
    await bull.revive(address, { from: 'failed', resetAttempts: false, delayMs: 60_000 })
    await createRecorder(kernel, bull).catchUp()
    expect(await named(kernel, 'job.cancelled')).toMatchObject([{ task_id: `emails:${id}`, reason: 'by me' }])
    expect(await named(kernel, 'error_recovery.dlq_entry_added')).toEqual([])
  })

  test('are told even when they are removed as soon as they complete', async ({ kernel, bull, foreign }) => {
    await foreign.queue.add('welcome', {}, { removeOnComplete: true })
    await foreign.work(async () => undefined)
    await createRecorder(kernel, bull).catchUp()
    expect(await named(kernel, 'job.completed')).toMatchObject([{ name: 'welcome', queue: 'emails' }])
  })
})

describe('every fact once', () => {
  test('reading again after a restart adds nothing', async ({ kernel, bull, foreign }) => {
    await foreign.queue.add('welcome', {})
    await foreign.work(async () => undefined)
    await createRecorder(kernel, bull).catchUp()
    const before = await facts(kernel)
    await createRecorder(kernel, bull).catchUp()
    expect(await facts(kernel)).toEqual(before)
  })

  test('an attempt that was told twice counts once', async ({ kernel, bull }) => {
    const fact = { queue: 'emails', id: 't_1', name: 'welcome', attempt: 1, max_attempts: 3, started_at: 1_000, finished_at: 2_000, wait_ms: 5, outcome: 'retrying' as const, delay_ms: 500, strategy: 'exponential', worker_id: 'w_1', priority: 0 } // prettier-ignore
    await appendAttempt(kernel, fact)
    await appendAttempt(kernel, fact)
    await createRecorder(kernel, bull).catchUp()
    expect(await named(kernel, 'error_recovery.retry_attempt')).toHaveLength(1)
  })

  test('a recorder whose lease was taken writes nothing more', async ({ kernel, bull, foreign }) => {
    await foreign.queue.add('welcome', {})
    await kernel.redis.set(kernel.key('recorder', 'lease'), randomUUID())
    await expect(createRecorder(kernel, bull).catchUp()).rejects.toThrow('another recorder holds the lease')
    expect(await facts(kernel)).toEqual([])
  })
})

describe('streams that lost or hold what they should not', () => {
  test('ends trimmed before they were read are read from the finished sets, and the gap is told', async ({
    kernel,
    bull,
    foreign,
  }) => {
    await foreign.queue.add('first', {})
    await foreign.work(async () => undefined)
    await createRecorder(kernel, bull).catchUp()
    await foreign.queue.addBulk(Array.from({ length: 30 }, (_, n) => ({ name: `job-${n}`, data: {} })))
    await foreign.work(async (job) => {
      if (job.name === 'job-7') throw new Error('broke')
    })
    await kernel.redis.xtrim(bull.keys('emails').events, 'MAXLEN', 1)
    await createRecorder(kernel, bull).catchUp()
    const completed = await named(kernel, 'job.completed')
    expect(new Set(completed.map((fact) => fact['task_id'])).size).toBe(completed.length)
    expect(completed).toHaveLength(30)
    expect(await named(kernel, 'error_recovery.dlq_entry_added')).toHaveLength(1)
    expect(await named(kernel, 'system.gap')).toMatchObject([{ queue: 'emails', recovered: 30 }])
  })

  test('entries and hashes that make no sense are set aside and the rest is told', async ({
    kernel,
    bull,
    foreign,
  }) => {
    const keys = bull.keys('emails')
    await foreign.queue.add('before', {})
    await kernel.redis.xadd(keys.events, '*', 'what', 'is this')
    await kernel.redis.xadd(keys.events, '*', 'event', 'completed')
    await kernel.redis.xadd(keys.events, '*', 'jobId', '1')
    await kernel.redis.xadd(keys.events, '*', '', '')
    await kernel.redis.xadd(keys.events, '*', 'event', 'progress', 'jobId', 'x', 'data', '{not json')
    await kernel.redis.xadd(keys.events, '*', 'event', 'completed', 'jobId', 'nobody')
    await kernel.redis.set(keys.job('text'), 'not a hash')
    await kernel.redis.xadd(keys.events, '*', 'event', 'failed', 'jobId', 'text', 'failedReason', 'x')
    await kernel.redis.hset(keys.job('odd'), {
      name: 'odd',
      opts: '{{{',
      atm: 'NaN',
      timestamp: 'yesterday',
      stacktrace: '7',
    })
    await kernel.redis.xadd(keys.events, '*', 'event', 'active', 'jobId', 'odd')
    await foreign.queue.add('after', {})
    await createRecorder(kernel, bull).catchUp()
    expect((await named(kernel, 'job.added')).map((fact) => fact['name'])).toEqual(['before', 'after'])
    expect(await kernel.redis.xlen(malformedKey(kernel))).toBe(4)
  })
})

test('a recorder stops also while its connection is on its way back', async ({ kernel, bull, foreign }) => {
  const opened: Redis[] = []
  const connect: Kernel['connect'] = (...as) => {
    const redis = kernel.connect(...as)
    opened.push(redis)
    return redis
  }
  const recorder = createRecorder({ ...kernel, connect, clock: systemClock }, bull, { roundMs: 50 })
  await foreign.queue.add('welcome', {})
  await recorder.start()
  await expect.poll(() => named(kernel, 'job.added'), { timeout: 10_000 }).toHaveLength(1)
  const away = opened.map((redis) => once(redis, 'reconnecting'))
  for (const redis of opened) redis.disconnect(true)
  await Promise.all(away)
  await recorder.stop()
})

describe('several recorders', () => {
  test('take turns: one records, and when it ends another goes on where it was', async ({ kernel, bull, foreign }) => {
    const running = { ...kernel, clock: systemClock }
    const pace = { leaseMs: 400, blockMs: 50, roundMs: 50 }
    const [one, two] = [createRecorder(running, bull, pace), createRecorder(running, bull, pace)]
    await one.start()
    const first = await foreign.queue.add('welcome', {})
    const added = async () => (await named(kernel, 'job.added')).map((fact) => fact['task_id'])
    await expect.poll(added, { timeout: 10_000 }).toEqual([`emails:${first.id ?? ''}`])
    await two.start()
    await one.stop()
    const second = await foreign.queue.add('welcome', {})
    await expect.poll(added, { timeout: 10_000 }).toEqual([`emails:${first.id ?? ''}`, `emails:${second.id ?? ''}`])
    await two.stop()
  })
})
