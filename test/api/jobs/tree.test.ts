// The jobs below a job, whichever queues they are in: bounded, in order, and only those one may see.
import { FlowProducer } from 'bullmq'
import type { FlowJob } from 'bullmq'
import type { JobTree } from '../../../shared/jobs/contract.ts'
import { expect, expectProblem, test as base } from '../fixtures.ts'

const test = base.extend<{ add: (flow: FlowJob) => Promise<string> }>({
  add: async ({ kernel }, use) => {
    const flow = new FlowProducer({ connection: { url: kernel.settings.REDIS_URL }, prefix: kernel.bullPrefix })
    await use(async (tree) => `${tree.queueName}:${(await flow.add(tree)).job.id ?? ''}`)
    await flow.close()
  },
})
const leaf = (queueName: string, jobId: string, children: FlowJob[] = []): FlowJob => ({
  ...{ name: `${jobId}-job`, queueName, opts: { jobId }, children },
})
const shapeOf = ({ data }: JobTree): string[] => data.map(({ depth, id, state }) => `${depth} ${id} ${state ?? 'gone'}`)

test('each right before those below it, whatever became of them', async ({ add, door }) => {
  const root = await add(leaf('a', 'root', [leaf('b', 'one', [leaf('c', 'deep')]), leaf('b', 'two')]))
  const show = (task_id: string) => door.client.jobs.tree({ params: { task_id } })
  const tree = await show(root)
  expect(tree.truncated).toBe(false)
  expect(new Set(shapeOf(tree))).toEqual(
    new Set(['0 a:root waiting_children', '1 b:one waiting_children', '2 c:deep waiting', '1 b:two waiting']),
  )
  const order = tree.data.map(({ id }) => id)
  expect([order[0], order.indexOf('c:deep')]).toEqual(['a:root', order.indexOf('b:one') + 1])
  expect(tree.data[0]).toMatchObject({ name: 'root-job', parent: null, children: 2 })
  expect(shapeOf(await show('b:two'))).toEqual(['0 b:two waiting'])
  const near = await door.client.jobs.tree({ params: { task_id: root }, query: { depth: 1 } })
  expect([near.data.length, near.truncated]).toEqual([3, true])
})

test('children in queues that are not for one to see are counted and not told', async ({ add, door }) => {
  const root = await add(leaf('a', 'root', [leaf('a', 'mine'), leaf('secret', 'theirs')]))
  const headers = { authorization: `Bearer ${await door.keyWith(['jobs:read'], ['a'])}` }
  const tree = (await door.send('GET', `/api/v2/jobs/${root}/tree`, { headers })).json as JobTree
  expect(shapeOf(tree)).toEqual(['0 a:root waiting_children', '1 a:mine waiting'])
  expect(tree.data[0]?.children).toBe(2)
  expectProblem(await door.send('GET', '/api/v2/jobs/secret:theirs/tree', { headers }), 404, 'task-not-found')
  expectProblem(await door.send('GET', `/api/v2/jobs/${root}/tree?depth=6`), 400, 'invalid-parameter')
})

test('of very many two hundred are told, and that there are more', async ({ add, door }) => {
  const root = await add(
    leaf(
      'a',
      'root',
      Array.from({ length: 300 }, (_, n) => leaf('b', `c${n}`)),
    ),
  )
  const tree = await door.client.jobs.tree({ params: { task_id: root } })
  expect([tree.data.length, tree.truncated, tree.data[0]?.children]).toEqual([200, true, 300])
})

test('a job below two others, or below itself, is told once', async ({ add, door, kernel }) => {
  const root = await add(leaf('a', 'root', [leaf('b', 'one', [leaf('c', 'deep')]), leaf('b', 'two')]))
  const child = (queue: string, id: string) => `${kernel.bullPrefix}:${queue}:${id}`
  const put = (above: string, below: string) => kernel.redis.sadd(`${above}:dependencies`, below)
  for (const id of ['one', 'two']) {
    await put(child('b', id), child('c', 'deep'))
    await put(child('c', 'deep'), child('b', id))
  }
  await put(child('c', 'deep'), child('a', 'root'))
  await put(child('c', 'deep'), child('c', 'deep'))
  await put(child('c', 'deep'), child('c', 'deeper'))
  const { data, truncated } = await door.client.jobs.tree({ params: { task_id: root } })
  expect(data.map(({ id }) => id).sort()).toEqual(['a:root', 'b:one', 'b:two', 'c:deep', 'c:deeper'])
  expect(truncated).toBe(false)
})

test('409 ambiguous-task-id: several queues have the id', async ({ door }) => {
  const { bull } = door.api.rooms
  for (const queue of ['one', 'two']) await bull.queue(queue).add('x', {}, { jobId: 't_twin' })
  await bull.discover()
  expectProblem(await door.send('GET', '/api/v2/jobs/twin/tree'), 409, 'ambiguous-task-id')
})
