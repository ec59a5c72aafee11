// Says in BullMQ's words what an attempt came to. Nothing else here knows its errors, tokens and options.
import { DelayedError, Job, UnrecoverableError, WaitingChildrenError, WaitingError } from 'bullmq'
import type { BackoffStrategy } from 'bullmq'
import { workerOptions } from '../shared/bullmq/bullmq.ts'
import type { Bull } from '../shared/bullmq/bullmq.ts'
import type { Assignment, Attempts, Tools, Verdict } from '../shared/attempts/attempts.ts'
import { childrenOf } from '../shared/attempts/children.ts'
import { Interrupt } from '../shared/attempts/interrupt.ts'
import type { Kernel } from '../shared/kernel/kernel.ts'
import { EXPIRED_REASON } from '../shared/jobs/expired.ts'
import type { JobError } from '../shared/jobs/words.ts'
import type { Parking } from './parking.ts'

/** What BullMQ calls for each job. With a third parameter BullMQ would make an AbortController for every job; ours are made
 *  when a handler asks for its signal, and `Running` reaches them, so nothing is cancelled through BullMQ. */
export type Processor = (job: Job, token: string | undefined) => Promise<unknown>

/** The attempts that run in this process: how the outside reaches one to end it. */
export interface Running {
  add(queue: string, id: string, name: string, interrupt: Interrupt): () => void
}

/** A failure as BullMQ stores it: message and stack already cut to size. `delayMs` is what was judged. */
class Retry extends Error {
  readonly delayMs: number

  constructor(error: JobError, delayMs: number) {
    super(error.message)
    this.name = error.name
    this.stack = error.stack ?? `${error.name}: ${error.message}`
    this.delayMs = delayMs
  }
}

/** BullMQ asks this how long to wait: exactly as long as was judged. An error that never met the judge, because Redis
 *  refused a write on the way, waits a second. */
export const backoffStrategy: BackoffStrategy = (_attempts, _type, error) =>
  error instanceof Retry ? error.delayMs : 1_000

export const createProcessor = (
  kernel: Kernel,
  bull: Bull,
  queue: string,
  attempts: Attempts,
  running: Running,
  park: Parking,
): Processor => {
  return async (job, token) => {
    const interrupt = new Interrupt()
    const leave = running.add(queue, job.id ?? '', job.name, interrupt)
    try {
      for (let round = 0; round < roundsMax; round++) {
        const verdict = await attempts.run(assignmentOf(kernel, bull, queue, job, interrupt))
        if (verdict.say === 'complete') return verdict.result
        const said = await say(job, token ?? '', verdict, park)
        if (said.over) return undefined
      }
      throw final('the handler returned fanOut again and again although all its children had ended')
    } finally {
      leave()
    }
  }
}

/** A handler is called again at once when its children had all ended; this often, and it has not heard them. */
const roundsMax = 5

interface Said {
  over: boolean
}

/** Tells BullMQ. Children that had all ended before the job could wait for them mean that it runs on at once. */
const say = async (
  job: Job,
  token: string,
  verdict: Exclude<Verdict, { say: 'complete' }>,
  park: Parking,
): Promise<Said> => {
  switch (verdict.say) {
    case 'retry':
      // The stored options are the producer's; these are the ones BullMQ decides by, and they say what was judged.
      job.opts = { ...heldBack(job), attempts: job.attemptsMade + 2, backoff: { type: 'k1n' } }
      throw new Retry(verdict.error, verdict.delayMs)
    case 'die':
      job.opts = heldBack(job)
      throw final(verdict.error.message, verdict.error.stack)
    case 'cancel':
      throw final(`cancelled: ${verdict.reason}`)
    case 'expire':
      throw final(EXPIRED_REASON)
    case 'snooze':
      await job.moveToDelayed(Date.now() + verdict.delayMs, token)
      throw new DelayedError()
    case 'park':
      await park(job, token, verdict.hold)
      throw new DelayedError()
    case 'put_back':
      await job.moveToWait(token)
      throw new WaitingError()
    case 'wait_for_children':
      if (await job.moveToWaitingChildren(token)) throw new WaitingChildrenError()
      return { over: false }
    case 'let_go':
      // The job is another worker's: BullMQ is told that it was moved, which is what makes it leave it alone.
      throw new DelayedError()
    default:
      verdict satisfies never
      throw new Error('unreachable')
  }
}

/** Without a limit BullMQ keeps one stack for every attempt for ever. */
const heldBack = (job: Job): Job['opts'] => ({ ...job.opts, stackTraceLimit: workerOptions().stackTraceLimit })

const final = (message: string, stack?: string): UnrecoverableError => {
  const error = new UnrecoverableError(message)
  error.stack = stack ?? `${error.name}: ${message}`
  return error
}

const assignmentOf = (kernel: Kernel, bull: Bull, queue: string, job: Job, interrupt: Interrupt): Assignment => ({
  queue,
  id: job.id ?? '',
  name: job.name,
  data: job.data as unknown,
  opts: job.opts as Readonly<Record<string, unknown>>,
  attemptsMade: job.attemptsMade,
  starts: job.attemptsStarted,
  stalls: job.stalledCounter,
  priority: job.priority,
  addedAt: job.timestamp,
  startedAt: job.processedOn ?? job.timestamp,
  interrupt,
  tools: new JobTools(kernel, bull, job),
})

const logLinesMax = 1_000

/** A job's tools in BullMQ's words. */
class JobTools implements Tools {
  readonly #kernel: Kernel
  readonly #bull: Bull
  readonly #job: Job

  constructor(kernel: Kernel, bull: Bull, job: Job) {
    this.#kernel = kernel
    this.#bull = bull
    this.#job = job
  }
  async log(line: string): Promise<void> {
    await Job.addJobLog(this.#bull.queue(this.#job.queueName), this.#job.id ?? '', line, logLinesMax)
  }
  progress(value: number | object): Promise<void> {
    return this.#job.updateProgress(value)
  }
  async parentProgress(value: number | object): Promise<void> {
    const parent = parentOf(this.#job)
    if (parent) await new Job(this.#bull.queue(parent.queue), '', {}, {}, parent.id).updateProgress(value)
  }
  children(): ReturnType<Tools['children']> {
    const hash = this.#bull.keys(this.#job.queueName).job(this.#job.id ?? '')
    return childrenOf(this.#kernel.redis, hash, this.#job)
  }
}

/** A job stores its parent's key: prefix, queue and id. */
const parentOf = (job: Job): { queue: string; id: string } | undefined => {
  const inPrefix = job.parentKey?.slice(job.prefix.length + 1)
  const colon = inPrefix?.indexOf(':') ?? -1
  return inPrefix !== undefined && colon > 0
    ? { queue: inPrefix.slice(0, colon), id: inPrefix.slice(colon + 1) }
    : undefined
}
