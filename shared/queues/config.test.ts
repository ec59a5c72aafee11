// Whoever watches queues is told their limits as they are, and Redis is not asked for them each time.
import { versionOf } from './conditional.ts'
import { NO_CONFIG, createConfigs, readConfigs, writeConfig } from './config.ts'
import { expect, test as base } from '../../test/support/rooms.ts'

const QUEUES = ['mail', 'reports']
const limit = { max: 5, duration_ms: 1_000 }

const test = base.extend<{ watch: ReturnType<typeof createConfigs> }>({
  watch: async ({ kernel, bull }, use) => use(createConfigs(kernel, bull)),
})

test('what is changed through k1n is told at the next look, by every process', async ({ kernel, bull, watch }) => {
  const other = createConfigs(kernel, bull)
  const changes = [
    { global_concurrency: 3, rate_limit: limit },
    { retention: { completed_age_ms: null, completed_count: 10 } },
    { rate_limit: null },
    { retention: null },
  ]
  for (const change of changes) {
    await writeConfig(kernel, bull, 'mail', change)
    const read = await readConfigs(kernel, bull, QUEUES)
    expect(await watch(QUEUES)).toEqual(read)
    expect(await other(QUEUES)).toEqual(read)
  }
  expect((await watch(QUEUES)).get('mail')).toMatchObject({ global_concurrency: 3, rate_limit: null })
})

test('a limit that others set is told within a minute, and until then no queue is asked', async ({
  kernel,
  bull,
  clock,
  watch,
}) => {
  await watch(QUEUES)
  await bull.queue('reports').setGlobalConcurrency(7)
  await clock.advance(59_000)
  expect((await watch(QUEUES)).get('reports')?.global_concurrency).toBeNull()
  await clock.advance(1_000)
  expect(await watch(QUEUES)).toEqual(await readConfigs(kernel, bull, QUEUES))
  expect((await watch(QUEUES)).get('reports')?.global_concurrency).toBe(7)
})

test('every limit has its share in the version, so that a change of any is not lost', () => {
  const changes = [
    ...[{ global_concurrency: 3 }, { rate_limit: limit }, { rate_limit: { ...limit, max: 6 } }, { depth_limit: 3 }],
    ...[{ retention: { completed_age_ms: null, completed_count: 3 } }],
  ]
  const versions = [NO_CONFIG, ...changes.map((change) => ({ ...NO_CONFIG, ...change }))].map(versionOf)
  expect(new Set(versions).size).toBe(versions.length)
  // A member that is added to the limits is to be added to their version, and here.
  expect(new Set(changes.flatMap(Object.keys))).toEqual(new Set(Object.keys(NO_CONFIG)))
})
