// What reading in pages promises: the same facts wherever a page ends, none twice, and a gap told wherever it is.
import { createBull } from '../bullmq/bullmq.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { createEventLog } from '../stream/log.ts'
import { describe, expect, test as base } from '../../test/support/fixtures.ts'
import { createMemory } from './memory.ts'
import { openBlocking } from '../kernel/blocking.ts'
import { lastIds } from '../bullmq/event-streams.ts'
import { readProgress } from '../metrics/progress.ts'
import { readBuilt, wanted } from '../triage/built.ts'
import type { Built } from '../triage/built.ts'
import { builtKey } from '../triage/keys.ts'
import { createDeadIndex } from '../triage/dead-index.ts'
import { createReader } from './reader.ts'
import type { Reader } from './reader.ts'
import { createRecorderStore } from './store.ts'
import { createWriter } from './writes.ts'

/** What happens between a page that was read and what is made of it, where that tells of failures. */
interface Between {
  happens: () => Promise<unknown>
}
const test = base.extend<{ bull: Bull; between: Between; reader: Reader }>({
  between: { happens: () => Promise.resolve() },
  bull: async ({ kernel }, use) => {
    const bull = createBull(kernel)
    await use(bull)
    await bull.close()
  },
  reader: async ({ kernel, bull, between }, use) => {
    const store = createRecorderStore(kernel, 10_000)
    await store.acquire()
    const parts = {
      kernel,
      bull,
      store,
      memory: createMemory(),
      writer: createWriter(kernel),
      index: createDeadIndex(kernel),
    }
    const reader = createReader({
      ...parts,
      connection: openBlocking(kernel, 'reader'),
      attempts: async () => {
        await between.happens()
        return 0
      },
      cursors: new Map(),
    })
    reader.follow(['emails'])
    await use(reader)
  },
})

const facts = async (kernel: Kernel) => {
  const entries = await createEventLog(kernel).readAfter('0-0', 10_000)
  return entries.map(({ name, data }) => ({ name, data: JSON.parse(data) as Record<string, unknown> }))
}

/** A job's life as BullMQ writes it: its hash, and the events of one attempt that another service's worker made. */
const live = async ({ redis }: Kernel, bull: Bull, id: string) => {
  const keys = bull.keys('emails')
  const tell = (...fields: string[]) => redis.xadd(keys.events, '*', 'event', ...fields)
  await redis.hset(keys.job(id), { name: 'welcome', timestamp: '1000', delay: '0', priority: '7', ats: '3', atm: '1', pb: 'theirs' }) // prettier-ignore
  return {
    begin: async () => {
      await tell('added', 'jobId', id, 'name', 'welcome')
      await tell('waiting', 'jobId', id)
      await tell('active', 'jobId', id, 'prev', 'waiting')
    },
    end: async () => {
      await redis.hincrby(keys.job(id), 'atm', 1)
      await tell('completed', 'jobId', id, 'prev', 'active')
    },
  }
}

const endOf = async (kernel: Kernel, id: string) =>
  (await facts(kernel)).find(({ name, data }) => name === 'job.completed' && data['task_id'] === `emails:${id}`)?.data

describe('an end', () => {
  test('tells the same whether it is read together with its beginning or later', async ({ kernel, bull, reader }) => {
    const together = await live(kernel, bull, 'together')
    await together.begin()
    await together.end()
    const apart = await live(kernel, bull, 'apart')
    await apart.begin()
    await reader.turn(1)
    await apart.end()
    await reader.turn(1)
    const known = { name: 'welcome', attempt: 2, priority: 7, worker_id: 'theirs' }
    expect(await endOf(kernel, 'together')).toMatchObject(known)
    expect(await endOf(kernel, 'apart')).toMatchObject(known)
  })

  test('whose beginning was never read is looked up', async ({ kernel, bull, reader }) => {
    await (await live(kernel, bull, 'late')).end()
    await reader.turn(1)
    expect(await endOf(kernel, 'late')).toMatchObject({ attempt: 2, priority: 7, worker_id: 'theirs' })
  })
})

describe('many events', () => {
  const tellMany = async ({ redis }: Kernel, bull: Bull, from: number, to: number): Promise<void> => {
    const pipeline = redis.pipeline()
    for (let n = from; n < to; n++)
      pipeline.xadd(bull.keys('emails').events, '*', 'event', 'added', 'jobId', `j${n}`, 'name', 'welcome')
    await pipeline.exec()
  }
  const readAll = async (reader: Reader): Promise<number> => {
    let total = 0
    for (let count = 1; count > 0; total += count) count = await reader.turn(1)
    return total
  }

  test('are read page after page, each once and in order', async ({ kernel, bull, reader }) => {
    await tellMany(kernel, bull, 0, 1_300)
    expect(await readAll(reader)).toBe(1_300)
    const told = (await facts(kernel)).map(({ data }) => data['task_id'])
    expect(told).toEqual(Array.from({ length: 1_300 }, (_, n) => `emails:j${n}`))
  })

  test('that were trimmed between two full pages are told as a gap', async ({ kernel, bull, reader }) => {
    await tellMany(kernel, bull, 0, 700)
    await reader.turn(1)
    await kernel.redis.xtrim(bull.keys('emails').events, 'MAXLEN', 10)
    await readAll(reader)
    const names = (await facts(kernel)).map(({ name }) => name)
    expect(names.filter((name) => name === 'system.gap')).toHaveLength(1)
    expect(names.filter((name) => name === 'job.added')).toHaveLength(510)
  })

  test('end exactly where a page ends', async ({ kernel, bull, reader }) => {
    await tellMany(kernel, bull, 0, 500)
    expect(await readAll(reader)).toBe(500)
    await tellMany(kernel, bull, 500, 501)
    expect(await readAll(reader)).toBe(1)
    expect((await facts(kernel)).map(({ name }) => name)).not.toContain('system.gap')
  })
})

test('deaths are told once each, also those whose events are trimmed after they were read and before a gap before them is closed', async ({
  kernel,
  bull,
  between,
  reader,
}) => {
  const keys = bull.keys('emails')
  const { events } = keys
  const die = async (from: number, to: number): Promise<void> => {
    const pipeline = kernel.redis.pipeline()
    for (let n = from; n < to; n++) {
      pipeline.hset(keys.job(`j${n}`), { name: 'welcome', timestamp: '1000', failedReason: 'no', atm: '1', ats: '1' })
      pipeline.zadd(keys.failed, Date.now(), `j${n}`)
      pipeline.xadd(events, '*', 'event', 'failed', 'jobId', `j${n}`, 'failedReason', 'no', 'prev', 'active')
    }
    await pipeline.exec()
  }
  await die(0, 1)
  await reader.turn(1)
  await die(1, 701)
  await kernel.redis.xtrim(events, 'MAXLEN', 600)
  const left = [200, 50, 10]
  between.happens = () => kernel.redis.xtrim(events, 'MAXLEN', left.shift() ?? 1_000)
  while ((await reader.turn(1)) > 0);
  const told = (await facts(kernel)).filter(({ name }) => name === 'job.failed').map(({ data }) => data['task_id'])
  expect(told).toHaveLength(701)
  expect(new Set(told).size).toBe(701)
})

describe('deaths that were trimmed before they were read', () => {
  const ready = { ...wanted, phase: 'ready', usable: true } as const
  const tell = ({ redis }: Kernel, bull: Bull, ...ids: string[]) =>
    Promise.all(
      ids.map((id) => redis.xadd(bull.keys('emails').events, '*', 'event', 'added', 'jobId', id, 'name', 'n')),
    )
  /** What is said of the index at the moment the position moves to the end of what was told. */
  const saidOnTheWay = async (kernel: Kernel, bull: Bull, reader: Reader) => {
    const { events } = bull.keys('emails')
    await kernel.redis.hset(builtKey(kernel), 'emails', JSON.stringify(ready))
    const [last] = await lastIds(kernel.redis, [events])
    const told: unknown[] = []
    const send = kernel.redis.evalsha.bind(kernel.redis) as (...args: unknown[]) => Promise<unknown>
    kernel.redis.evalsha = async (...args: unknown[]): Promise<unknown> => {
      if (args.includes(last)) told.push(await readBuilt(kernel, 'emails'))
      return send(...args)
    }
    await reader.turn(1)
    expect((await readProgress(kernel, [events])).cursors.get(events)).toBe(last)
    return told
  }

  test('leave no index that says it is ready, before anything moves past them', async ({ kernel, bull, reader }) => {
    const [first] = await tell(kernel, bull, 'a')
    await reader.turn(1)
    await tell(kernel, bull, 'lost', 'b')
    await kernel.redis.xtrim(bull.keys('emails').events, 'MAXLEN', 1)
    const [told] = await saidOnTheWay(kernel, bull, reader)
    expect(told).toMatchObject({ phase: 'adding', usable: true, skip: 0 })
    // Clocks of workers may be an hour behind.
    expect(Number((told as Built).at)).toBe(Number.parseInt(first ?? '', 10) - 3_600_000)
  })

  test('are not known either where nothing was read before', async ({ kernel, bull, reader }) => {
    await tell(kernel, bull, 'lost', 'b')
    await kernel.redis.xtrim(bull.keys('emails').events, 'MAXLEN', 1)
    expect(await saidOnTheWay(kernel, bull, reader)).toMatchObject([{ phase: 'adding', at: '-inf' }])
    expect((await facts(kernel)).map(({ name }) => name)).toEqual(['job.added'])
  })

  test('are none where nothing was trimmed', async ({ kernel, bull, reader }) => {
    await tell(kernel, bull, 'a')
    expect(await saidOnTheWay(kernel, bull, reader)).toMatchObject([{ phase: 'ready' }])
    await tell(kernel, bull, 'b')
    expect(await saidOnTheWay(kernel, bull, reader)).toMatchObject([{ phase: 'ready' }])
  })
})
