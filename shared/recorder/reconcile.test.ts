// What is read elsewhere when events were trimmed: the ends that nobody will read any more, and no others.
import { createBull } from '../bullmq/bullmq.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import { packSpan, spansKey } from '../timeline/spans.ts'
import type { SpanState } from '../timeline/contract.ts'
import { expect, test as base } from '../../test/support/fixtures.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { lostEnds } from './reconcile.ts'

const test = base.extend<{ bull: Bull }>({
  bull: async ({ kernel }, use) => {
    const bull = createBull(kernel)
    await use(bull)
    await bull.close()
  },
})

const completedAt = (kernel: Kernel, bull: Bull, id: string, score: number) =>
  kernel.redis.zadd(bull.keys('q').completed, score, id)
const toldAt = (kernel: Kernel, bull: Bull, id: string, position: string) =>
  kernel.redis.xadd(bull.keys('q').events, position, 'event', 'completed', 'jobId', id, 'returnvalue', 'null')
const spanned = (kernel: Kernel, id: string, state: SpanState, start: number, run: number) =>
  kernel.redis.xadd(
    spansKey(kernel, 'q'),
    `${start + run}-0`,
    's',
    packSpan({
      queue: 'q',
      id,
      name: 'n',
      worker: 'w',
      start,
      wait: 0,
      run,
      state,
      priority: 1,
      attempt: 1,
      backoff: 0,
    }),
  )
const found = async (kernel: Kernel, bull: Bull, from: string, to: string): Promise<string[]> => {
  const ids: string[] = []
  for await (const events of lostEnds(kernel, bull, 'q', from, to)) ids.push(...events.map(({ jobId }) => jobId))
  return ids
}

test('an end whose event is still there is left to be read in its turn, although it was finished before', async ({
  kernel,
  bull,
}) => {
  await completedAt(kernel, bull, 'lost', 100_000)
  await completedAt(kernel, bull, 'first', 100_003)
  await toldAt(kernel, bull, 'first', '100009-0')
  await completedAt(kernel, bull, 'second', 100_012)
  await toldAt(kernel, bull, 'second', '100012-0')
  expect(await found(kernel, bull, '99000-0', '100009-0')).toEqual(['lost'])
})

test('an end of a worker whose clock is a little ahead is found', async ({ kernel, bull }) => {
  await completedAt(kernel, bull, 'ahead', 100_400)
  await toldAt(kernel, bull, 'other', '100009-0')
  expect(await found(kernel, bull, '99000-0', '100009-0')).toEqual(['ahead'])
})

test('an end that was told is not found, one that only failed an attempt shortly before is', async ({
  kernel,
  bull,
}) => {
  await completedAt(kernel, bull, 'retried', 100_002)
  await spanned(kernel, 'retried', 'retrying', 99_400, 150)
  await completedAt(kernel, bull, 'told', 100_000)
  await spanned(kernel, 'told', 'completed', 99_900, 100)
  expect(await found(kernel, bull, '99000-0', '101000-0')).toEqual(['retried'])
})
