// The way up to the root must end: also where a parent is gone, and where somebody wrote a circle.
import { expect, test } from 'vitest'
import type { Job } from '../../../shared/jobs/contract.ts'
import { climb } from './flow.ts'

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
