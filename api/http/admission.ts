// Whether a request is taken in at all: nothing is added while Redis is nearly full, and a process that cannot keep up refuses
// what matters least, at once, instead of answering everything too late.
import type { Endpoint } from '../../shared/kernel/endpoint.ts'
import { Overloaded } from '../../shared/kernel/problems.ts'
import type { Memory } from '../../shared/system/memory.ts'
import type { LoopLag } from './loop-lag.ts'

/** How late the event loop must have been all the time for requests of a class to be refused, in ms: reads first, then work that
 *  is handed in, last what steers. Health is always answered. */
const LATE_MS = { read: 250, work: 500, steer: 2_000 } as const
const FULL_RETRY_MS = 5_000
const LATE_RETRY_MS = 1_000

type Class = keyof typeof LATE_MS
export type Refusal = 'memory' | 'load'

export interface Admission {
  /** Throws `overloaded` when the request is not taken in. */
  check(row: Endpoint): void
  /** Requests that were refused, since the start. */
  readonly refused: Readonly<Record<Refusal, number>>
}

/** Whether a row puts more into Redis that somebody then has to do. */
const addsWork = ({ changes }: Endpoint): boolean =>
  changes !== undefined && changes !== 'nothing' && (changes.log === 'work' || changes.adds === true)

const classOf = (row: Endpoint): Class =>
  row.method === 'GET' || row.changes === 'nothing' ? 'read' : addsWork(row) ? 'work' : 'steer'

/** Whether a row must be answered whatever happens: the answers decide whether the process is restarted. */
const isExempt = (row: Endpoint): boolean => row.at === 'root' && row.method === 'GET'

export const createAdmission = (memory: Pick<Memory, 'isFull'>, lag: Pick<LoopLag, 'lasting'>): Admission => {
  const refused = { memory: 0, load: 0 }
  return {
    refused,
    check(row) {
      if (memory.isFull && addsWork(row)) {
        refused.memory++
        throw Overloaded(
          'Redis is more than 80 % full: no more work is taken until some is done. Nothing was changed.',
          {
            retryAfterMs: FULL_RETRY_MS,
          },
        )
      }
      const late = lag.lasting
      if (late > LATE_MS.read && !isExempt(row) && late > LATE_MS[classOf(row)]) {
        refused.load++
        throw Overloaded('This server is busier than it can be. Nothing was changed; send the request again.', {
          retryAfterMs: LATE_RETRY_MS,
        })
      }
    },
  }
}
