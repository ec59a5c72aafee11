// The locks of jobs that begin again at once, in the process that had them.
import { Queue, WaitingError, Worker } from 'bullmq'
import type { Job } from 'bullmq'
import { expect, test } from '../test/support/fixtures.ts'
import { createLocks } from './locks.ts'

/** Ids whose locks a worker renews. */
const lockedBy = (worker: Worker): string[] =>
  (worker as unknown as { lockManager: { getTrackedJobIds(): string[] } }).lockManager.getTrackedJobIds()

test.for([
  ['has its lock renewed', true],
  ['of plain BullMQ has not, which is why this is here', false],
] as const)('a job that is given back and begins again at once %s', async ([, isOurs], { kernel }) => {
  const connection = { connection: kernel.redis, prefix: kernel.bullPrefix }
  const queue = new Queue('mail', connection)
  const [again, over] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()]
  const lost: string[] = []
  const locks = createLocks((again) => lost.push(again))
  const process = async (job: Job, token?: string): Promise<undefined> => {
    if (job.attemptsStarted === 1) {
      await job.moveToWait(token ?? '')
      await again.promise
      throw new WaitingError()
    }
    again.resolve(undefined)
    await over.promise
    return undefined
  }
  const worker = new Worker('mail', isOurs ? locks.watched(process) : process, { ...connection, concurrency: 2 })
  if (isOurs) locks.kept(worker)
  const drained = new Promise((resolve) => worker.on('completed', resolve))
  const { id } = await queue.add('x', {})
  await again.promise
  await new Promise((resolve) => setImmediate(resolve))
  expect(lockedBy(worker)).toEqual(isOurs ? [id] : [])
  expect(lost).toEqual(isOurs ? [id] : [])
  over.resolve(undefined)
  await drained
  await expect.poll(() => lockedBy(worker)).toEqual([])
  await Promise.all([worker.close(), queue.close()])
})
