// The way up to the root must end: also where a parent is gone, and where somebody wrote a circle.
import { expect, test } from 'vitest'
import type { Job, JobTree } from '../../../shared/jobs/contract.ts'
import { belowWords, climb, whole } from './flow.ts'

const job = (id: string, above?: string): Job =>
  ({ id: `q:${id}`, parent: above === undefined ? null : { queue: 'q', id: above } }) as Job
const shows =
  (...jobs: Job[]) =>
  (id: string): Promise<Job | undefined> =>
    Promise.resolve(jobs.find((one) => one.id === id))
const idsOf = async (from: Job, ...others: Job[]): Promise<string[]> =>
  (await climb(from, shows(...others))).map(({ id }) => id)

test('the root comes first', async () => {
  expect(await idsOf(job('c', 'b'), job('b', 'a'), job('a'))).toEqual(['q:a', 'q:b'])
  expect(await idsOf(job('a'))).toEqual([])
})

test('it ends at one that is gone, and in a circle', async () => {
  expect(await climb(job('c', 'b'), shows())).toEqual([{ id: 'q:b', job: undefined }])
  expect(await idsOf(job('a', 'b'), job('b', 'a'))).toEqual(['q:b'])
})

const node = (id: string, parent: string | null, children = 0): JobTree['data'][number] => ({
  ...{ id: `q:${id}`, parent: parent === null ? null : `q:${parent}`, depth: 0, name: id, state: 'waiting', children },
  ...{ created_at: null, finished_at: null },
})
const tree = (...data: JobTree['data']): JobTree => ({ data, truncated: false })

test('the flow is told from its root on, or from this job on where it stands too far down', async () => {
  const above = [{ id: 'q:a', job: job('a') }]
  const full = tree(node('a', null, 1), node('b', 'a'))
  expect(await whole('q:b', above, () => Promise.resolve(full))).toEqual({ above: [], tree: full })
  const short = tree(node('a', null, 900))
  const own = tree(node('b', null))
  const below = (id: string) => Promise.resolve(id === 'q:a' ? short : own)
  expect(await whole('q:b', above, below)).toEqual({ above, tree: own })
  expect(await whole('q:b', [], below)).toEqual({ above: [], tree: own })
})

test('children that are not shown are told by number', () => {
  const shown = tree(node('a', null, 3), node('b', 'a', 1), node('c', 'b', 1))
  expect(shown.data.map((each) => belowWords(each, shown))).toEqual([
    ', 3 children, 1 of them shown',
    '',
    ', 1 child, not shown',
  ])
  expect(belowWords(node('b', 'a'), tree(node('b', 'a')))).toBe('')
})
