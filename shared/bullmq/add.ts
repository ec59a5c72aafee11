// Adding jobs, the hot path: in busy times what is added in one turn of the event loop goes to Redis as one script call per queue.
import { scriptTime } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import type { BullKeys } from './keys.ts'
import { TRACE_MS } from './once.ts'
import type { Once } from './once.ts'
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

export interface Adder {
  /** Stores a job. Rejects with Redis's error; jobs of one call then fail together. */
  add(job: NewJob): Promise<Added>
}

/** Jobs in one script call: Redis is held for about 2 ms. */
const CALL_MAX = 200
/** BullMQ's default, for queues that are not ours and have no length set; the recorder raises it where it may. */
const FOREIGN_LENGTH = 10_000

interface Waiting {
  job: NewJob
  resolve: (added: Added) => void
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
      const args = [length, scriptTime(kernel.clock), TRACE_MS, ...batch.flatMap(({ job }) => argumentsOf(job))]
      const stored = (await addScript(kernel.redis, addKeys(keysOf(queue)), args)) as number[]
      batch.forEach(({ resolve }, index) => resolve(answers[stored[index] ?? 0] ?? 'exists'))
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
  return {
    add: (job) =>
      new Promise((resolve, reject) => {
        const waiting = { job, resolve, reject }
        const busy = turns.next()
        // Nothing overtakes what is gathered: jobs of one queue keep their order.
        if (!busy && gathered.size === 0) return void send(job.queue, [waiting])
        if (gathered.size === 0) setImmediate(flush)
        const before = gathered.get(job.queue)
        if (before) before.push(waiting)
        else gathered.set(job.queue, [waiting])
      }),
  }
}

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
