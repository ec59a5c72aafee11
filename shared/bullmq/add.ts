// Adding jobs, the hot path: in busy times what is added in one turn of the event loop goes to Redis as one script call per queue.
import { scriptTime } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import type { BullKeys } from './keys.ts'
import { TRACE_MS } from './once.ts'
import type { Once } from './once.ts'
import { FINGERPRINT, HELD_MS, KEPT_MS } from './receipt.ts'
import type { Receipt } from './receipt.ts'
import { EVENTS_MAX_LENGTH } from './settings.ts'
import { createTurns } from './turns.ts'

/** A job ready to be stored. `id` must be one of ours: an id such as `wait` would overwrite the queue itself. */
export interface NewJob {
  readonly queue: string
  readonly id: string
  readonly name: string
  /** JSON text. */
  readonly data: string
  readonly opts: Readonly<Record<string, unknown>>
  readonly timestamp: number
  readonly delay: number
  readonly priority: number
  readonly lifo: boolean
  /** It is refused while so many jobs wait in its queue, or as many as the queue's own limit says; 0 for that limit alone. Left
   *  out for what is not refused: work that is there already, or that k1n owes. */
  readonly mostWaiting?: number
  /** Made once for all, however late or often the command arrives; see `once.ts`. */
  readonly once?: Once
}

/** `exists`: a job with this id is there already and was not touched, or one that is made once was there. `late`: one that is
 *  made once is not made any more by this command. `full`: as many wait in its queue as may. */
export type Added = 'stored' | 'exists' | 'late' | 'full'
const answers: Record<number, Added> = { 1: 'stored', 0: 'exists', [-1]: 'late', [-2]: 'full' }

/** The receipt that was there, so nothing was done. */
export interface Before {
  readonly before: string
}

export interface Adder {
  /** Stores a job. Rejects with Redis's error; jobs of one call then fail together. */
  add(job: NewJob): Promise<Added>
  /** Stores a job and its receipt, unless there is a receipt. When the job is not stored the request holds the place. */
  addWith(receipt: Receipt, job: NewJob): Promise<Added | Before>
}

/** Jobs in one script call: Redis is held for about 2 ms. */
const CALL_MAX = 200
/** BullMQ's default, for queues that are not ours and have no length set; the recorder raises it where it may. */
const FOREIGN_LENGTH = 10_000

interface Waiting {
  job: NewJob
  receipt: Receipt | undefined
  resolve: (added: Added | Before) => void
  reject: (error: unknown) => void
}

const addScript = script(new URL('./add.lua', import.meta.url))

export const createAdder = (
  kernel: Kernel,
  keysOf: (queue: string) => BullKeys,
  isOwn: (queue: string) => boolean,
): Adder => {
  const turns = createTurns()
  let gathered = new Map<string, Waiting[]>()
  const send = async (queue: string, batch: Waiting[]): Promise<void> => {
    try {
      const length = isOwn(queue) ? EVENTS_MAX_LENGTH : FOREIGN_LENGTH
      const keys = addKeys(keysOf(queue))
      const args: (string | number)[] = [length, scriptTime(kernel.clock), TRACE_MS, HELD_MS, KEPT_MS, FINGERPRINT]
      for (const { job, receipt } of batch) {
        args.push(...argumentsOf(job), receipt?.text ?? '')
        if (receipt) keys.push(receipt.place)
      }
      const stored = (await addScript(kernel.redis, keys, args)) as (number | string)[]
      batch.forEach(({ resolve }, index) => resolve(meaningOf(stored[index] ?? 0)))
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
  const flush = (): void => {
    const due = gathered
    gathered = new Map()
    for (const [queue, waiting] of due)
      for (let start = 0; start < waiting.length; start += CALL_MAX)
        void send(queue, waiting.slice(start, start + CALL_MAX))
  }
  const add = (job: NewJob, receipt?: Receipt): Promise<Added | Before> =>
    new Promise((resolve, reject) => {
      const waiting = { job, receipt, resolve, reject }
      const busy = turns.next()
      // Nothing overtakes what is gathered: jobs of one queue keep their order.
      if (!busy && gathered.size === 0) return void send(job.queue, [waiting])
      if (gathered.size === 0) setImmediate(flush)
      const before = gathered.get(job.queue)
      if (before) before.push(waiting)
      else gathered.set(job.queue, [waiting])
    })
  return {
    // Without a receipt there is none that was there before.
    add: (job) => add(job) as Promise<Added>,
    addWith: (receipt, job) => add(job, receipt),
  }
}

const meaningOf = (answer: number | string): Added | Before =>
  typeof answer === 'string' ? { before: answer } : (answers[answer] ?? 'exists')

const argumentsOf = (job: NewJob): (string | number)[] => [
  job.id,
  job.name,
  job.data,
  JSON.stringify(job.opts),
  job.timestamp,
  job.delay,
  job.priority,
  job.lifo ? 'RPUSH' : 'LPUSH',
  job.once?.until ?? '',
  job.mostWaiting ?? '',
]

const addKeys = (keys: BullKeys): string[] => [
  keys.prefix,
  keys.wait,
  keys.meta,
  keys.id,
  keys.delayed,
  keys.active,
  keys.events,
  keys.marker,
  keys.prioritized,
  keys.priorityCounter,
]
