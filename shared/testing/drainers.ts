// Workers that run one job at a time when asked, instead of by themselves.
import { Worker } from 'bullmq'
import type { Job } from 'bullmq'
import { createProcessor, backoffStrategy } from '../../workers/bull.ts'
import { createParking } from '../../workers/parking.ts'
import { createWaitingLine } from '../calls/line.ts'
import type { Attempts } from '../attempts/attempts.ts'
import { workerOptions } from '../bullmq/bullmq.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import type { Kernel } from '../kernel/kernel.ts'

/** One attempt that ran, and how its job stands after it. */
export interface Ran {
  queue: string
  id: string
  name: string
  /** BullMQ's word: `completed`, `failed`, `delayed` (a retry or a snooze), `waiting-children`, … */
  state: string
  result: unknown
  error: string | undefined
  attemptsMade: number
  /** ms until it runs again; 0 when it does not wait for a time. */
  delayMs: number
}

class Drainer extends Worker {
  one(job: Job): Promise<unknown> {
    return this.processJob(job, job.token ?? '', () => false)
  }
}

const RUNS_MAX = 1_000

export interface DrainersOptions {
  bull: Bull
  attempts: Attempts
  workerId: string
}

export const createDrainers = (kernel: Kernel, { bull, attempts, workerId }: DrainersOptions) => {
  const drainers = new Map<string, Drainer>()
  const of = (queue: string): Drainer => {
    const known = drainers.get(queue) ?? open(queue)
    drainers.set(queue, known)
    return known
  }
  // Time moves by hand here: a job comes again when its hold says so.
  const park = createParking(kernel, { line: createWaitingLine(kernel), perSecondOf: () => undefined })
  const open = (queue: string): Drainer => {
    const { stackTraceLimit: _limit, ...settings } = workerOptions()
    const processor = createProcessor(kernel, bull, queue, attempts, { add: () => () => undefined }, park)
    const drainer = new Drainer(queue, processor, {
      ...settings,
      connection: kernel.redis,
      prefix: kernel.bullPrefix,
      name: workerId,
      autorun: false,
      skipVersionCheck: true,
      settings: { backoffStrategy },
    })
    drainer.on('error', (error) => kernel.log.warn('BullMQ reported an error', { queue, error }))
    return drainer
  }
  const one = async (queue: string): Promise<Ran | undefined> => {
    const drainer = of(queue)
    const job = (await drainer.getNextJob(`${workerId}:${drainers.size}`, { block: false })) as Job | undefined
    if (job === undefined) return undefined
    await drainer.one(job)
    return ranOf(bull, queue, job.id ?? '')
  }
  const pass = async (queue: string, ran: Ran[]): Promise<boolean> => {
    for (const job of await bull.queue(queue).getDelayed(0, -1)) await job.promote()
    const before = ran.length
    for (let each = await one(queue); each !== undefined; each = await one(queue)) {
      ran.push(each)
      if (ran.length >= RUNS_MAX) throw new Error(`${RUNS_MAX} attempts ran and more are waiting`)
    }
    return ran.length > before
  }
  return {
    one,
    async drain(queues: readonly string[]): Promise<Ran[]> {
      const ran: Ran[] = []
      for (let again = true; again;) {
        again = false
        for (const queue of queues) again = (await pass(queue, ran)) || again
      }
      return ran
    },
    async close(): Promise<void> {
      await Promise.all([...drainers.values()].map((drainer) => drainer.close()))
    },
  }
}

const ranOf = async (bull: Bull, queue: string, id: string): Promise<Ran> => {
  const job = (await bull.queue(queue).getJob(id)) as Job | undefined
  if (job === undefined) return { queue, id, name: '', state: 'removed', result: undefined, error: undefined, attemptsMade: 0, delayMs: 0 } // prettier-ignore
  return {
    queue,
    id,
    name: job.name,
    state: await job.getState(),
    result: job.returnvalue as unknown,
    error: job.failedReason,
    attemptsMade: job.attemptsMade,
    delayMs: job.delay,
  }
}
