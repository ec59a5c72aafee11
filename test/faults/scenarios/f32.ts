// F32: another program writes nonsense into streams, lists and hashes that k1n reads.
import { broken, fault } from '../fault.ts'
import type { Census } from '../support/census.ts'
import { QUEUE, createStage } from '../support/stage.ts'
import { rest, until } from '../support/until.ts'
import { steady, workFor } from './load.ts'
import { wronglyFailed } from './measure.ts'

const FOREIGN = 'mallory'
/** Entries no reader can make sense of. */
const NONSENSE = 5

export const f32 = fault({
  id: 'F32',
  title: 'another program writes nonsense into streams, lists and hashes',
  lane: 'short',
  setup: async (ground) =>
    Object.assign(await createStage(ground, { workers: 2 }), {
      pids: [] as number[],
      setAside: 0,
      toldAfter: 0,
      ids: 0,
    }),
  async load(stage) {
    await stage.startLoad({ job: workFor(20, 100), perSecond: 30 })
    await steady(stage)
    stage.pids = processes(stage)
  },
  async inject(stage) {
    const { redis } = stage.census
    for (const queue of [QUEUE, FOREIGN]) await poisonStream(redis, queue)
    await poisonQueue(redis)
    stage.ids = stage.listener?.ids.length ?? 0
    for (const path of reads) await stage.client.call('GET', path)
  },
  async heal(stage) {
    const { census, listener } = stage
    const setAside = (): Promise<number> => census.redis.xlen('{k1n}:recorder:malformed')
    const enough = async (): Promise<boolean> => (await setAside()) >= 2 * NONSENSE
    await until('the nonsense was set aside', enough, 10_000).catch(() => undefined)
    stage.setAside = await setAside()
    await rest(1_000)
    stage.toldAfter = (listener?.ids.length ?? 0) - stage.ids
    for (const path of reads) await stage.client.call('GET', path)
  },
  oracle: (stage, evidence) => [
    ...(processes(stage).join() === stage.pids.join() ? [] : [broken('a process ended of the nonsense')]),
    ...wronglyFailed(evidence),
  ],
  figures: ({ setAside, toldAfter, client }) => [
    { name: 'entries set aside', value: setAside, unit: '', least: 2 * NONSENSE },
    { name: 'facts told after', value: toldAfter, unit: '', least: 10 },
    {
      name: 'answers other than 2xx and 4xx',
      value: [...client.statuses.keys()].filter((status) => status >= 500).length,
      unit: '',
      most: 0,
    },
  ],
})

const processes = (stage: { workers(): { pid: number }[]; recorders(): number[] }): number[] => [
  ...stage.workers().map(({ pid }) => pid),
  ...stage.recorders(),
]

type Redis = Census['redis']

const poisonStream = async (redis: Redis, queue: string): Promise<void> => {
  const events = `bull:${queue}:events`
  await redis.xadd(events, '*', 'what', 'is this')
  await redis.xadd(events, '*', 'event', 'completed')
  await redis.xadd(events, '*', 'jobId', '1')
  await redis.xadd(events, '*', '', '')
  await redis.xadd(events, '*', 'event', 'failed', 'failedReason', '<script>')
  // These are events of jobs that are not there or not jobs.
  await redis.xadd(events, '*', 'event', 'progress', 'jobId', 'x', 'data', '{not json')
  await redis.xadd(events, '*', 'event', 'completed', 'jobId', 'nobody', 'returnvalue', '}{')
  await redis.xadd(events, '*', 'event', 'delayed', 'jobId', 'nobody', 'delay', 'NaN')
  await redis.xadd(events, '*', 'event', '__proto__', 'jobId', 'constructor')
}

/** A queue as a broken or hostile producer would leave it. */
const poisonQueue = async (redis: Redis): Promise<void> => {
  const key = (name: string): string => `bull:${FOREIGN}:${name}`
  await redis.hset(key('meta'), { 'opts.maxLenEvents': 'many', version: 'bullmq:6.7.0', concurrency: '-1' })
  await redis.hset(key('torn'), {
    name: '<script>alert(1)</script>',
    data: '{"torn',
    opts: '{{{',
    timestamp: 'yesterday',
    delay: 'x',
    priority: '?',
  })
  await redis.hset(key('odd'), {
    name: 'odd',
    data: '42',
    opts: '[]',
    timestamp: '-1',
    atm: 'NaN',
    ats: '1e999',
    finishedOn: 'never',
    failedReason: '\u0000',
    stacktrace: '7',
  })
  await redis.hset(key('large'), {
    name: 'large',
    data: JSON.stringify({ text: 'x'.repeat(1_000_000) }),
    opts: '{}',
    timestamp: '0',
  })
  await redis.hset(key('bare'), { no: 'name' })
  await redis.set(key('text'), 'not a hash')
  const ids = ['torn', 'odd', 'large', 'bare', 'text', 'absent', '', ':', 'a:b', '🙂']
  await redis.rpush(key('wait'), ...ids)
  for (const set of ['completed', 'failed', 'delayed', 'prioritized'])
    for (const [score, id] of ids.entries()) await redis.zadd(key(set), score * 1e15, id)
}

const reads = [
  '/api/v2/queues',
  `/api/v2/queues/${FOREIGN}`,
  `/api/v2/jobs?queue=${FOREIGN}`,
  ...['waiting', 'failed', 'completed', 'delayed', 'prioritized'].map(
    (state) => `/api/v2/jobs?queue=${FOREIGN}&state=${state}`,
  ),
  ...['torn', 'odd', 'large', 'bare', 'text', 'absent'].flatMap((id) =>
    ['', '/attempts', '/logs', '/result'].map((part) => `/api/v2/jobs/${FOREIGN}:${id}${part}`),
  ),
  `/api/v2/error-recovery/dlq/entries?queue=${FOREIGN}`,
  '/api/v2/timeline/spans?from=2020-01-01T00:00:00.000Z',
  '/api/v2/stats/overview',
]
