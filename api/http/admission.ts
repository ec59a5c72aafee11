// Whether a request is taken in at all: nothing is added while Redis is nearly full, and a process that cannot keep up refuses
// what matters least, at once, instead of answering everything too late. No caller keeps it busy for the others.
import { QueueFull } from '../../shared/jobs/problems.ts'
import type { Principal } from '../../shared/auth/contract.ts'
import type { Adds, Endpoint } from '../../shared/kernel/endpoint.ts'
import type { Problem } from '../../shared/kernel/problem.ts'
import { Overloaded } from '../../shared/kernel/problems.ts'
import type { Memory } from '../../shared/system/memory.ts'
import type { LoopLag } from './loop-lag.ts'
import { WAIT_MAX_MS, callerOf, createPlaces } from './places.ts'
import type { Stay } from './places.ts'

/** How late the event loop must have been all the time for requests of a class to be refused, in ms: what looks far and wide first,
 *  then reads, many things at once, work that is handed in, last what steers. Health is always answered. */
const LATE_MS = { search: 150, read: 250, batch: 400, work: 500, steer: 2_000 } as const
type Class = keyof typeof LATE_MS
/** Requests under way in this process with which those of a class are refused, in the same order: what each holds in memory is
 *  bounded, so all of them are. */
export const UNDER_WAY_MAX: Readonly<Record<Class, number>> = {
  search: 400,
  read: 600,
  batch: 800,
  work: 1_000,
  steer: 1_500,
}
const FULL_RETRY_MS = 5_000
const LATE_RETRY_MS = 1_000

export type Refusal = 'memory' | 'load' | 'caller'

export interface Admission {
  /** Takes a request in before anything of it is read, and answers what to call when it is done, once. Throws `overloaded` when it is
   *  not taken in. */
  enter(row: Endpoint): () => void
  /** Counts a request among those of whoever asks; it begins at its turn. Throws `overloaded` when too many are there. */
  join(row: Endpoint, principal: Principal, address: () => string): Stay
  /** Takes in what its body says. Throws `overloaded`, and `queue-full` for work that may wait. */
  checkBody(row: Endpoint, body: unknown): void
  /** Requests that were refused, since the start. */
  readonly refused: Readonly<Record<Refusal, number>>
}

type Changing = Exclude<Endpoint['changes'], 'nothing' | undefined>
const changesOf = ({ changes }: Endpoint): Changing | undefined => (changes === 'nothing' ? undefined : changes)

/** What a row adds whatever its body says. Work that may wait is told by its body only. */
const addsOf = (changes: Changing | undefined): Adds | undefined =>
  typeof changes?.adds === 'string' ? changes.adds : changes?.log === 'work' ? 'new' : undefined

const classOf = (row: Endpoint): Class => {
  const { cost } = row
  const isRead = row.method === 'GET' || row.changes === 'nothing'
  if (isRead) return row.tags.includes('metrics') || Number(cost) > 1 ? 'search' : 'read'
  const changes = changesOf(row)
  if (addsOf(changes) === 'new') return 'work'
  return changes?.asked === true ? 'batch' : 'steer'
}

/** Whether a row must be answered whatever happens: the answers decide whether the process is restarted. */
const isExempt = (row: Endpoint): boolean => row.at === 'root' && row.method === 'GET'

/** Those that stay open on purpose are bounded by themselves. */
const staysOpen = ({ tags }: Endpoint): boolean => tags.includes('stream')

/** What is answered whatever happens, and what stays open, waits for no turn and takes none from others. */
const FREE: Stay = { turn: () => undefined, linger: () => undefined, leave: () => undefined }

export const createAdmission = (
  memory: Pick<Memory, 'isBeyond' | 'roomInMs'>,
  lag: Pick<LoopLag, 'lasting'>,
): Admission => {
  const refused = { memory: 0, load: 0, caller: 0 }
  let underWay = 0
  const places = createPlaces(
    () => refused.caller++,
    WAIT_MAX_MS,
    (by) => {
      underWay -= by
    },
  )
  const refuseFull = (adds: Adds): void => {
    if (!memory.isBeyond(adds)) return
    refused.memory++
    throw adds === 'low' && !memory.isBeyond('new') ? mayWait(memory.roomInMs('low')) : full(adds)
  }
  const refuseLate = (row: Endpoint): void => {
    if (isExempt(row)) return
    const late = lag.lasting
    if (late <= LATE_MS.search && underWay < UNDER_WAY_MAX.search) return
    const kind = classOf(row)
    if (late <= LATE_MS[kind] && underWay < UNDER_WAY_MAX[kind]) return
    refused.load++
    throw Overloaded('This server is busier than it can be. Nothing was changed; send the request again.', {
      retryAfterMs: LATE_RETRY_MS,
    })
  }
  const leave = (): void => {
    underWay--
  }
  return {
    refused,
    enter(row) {
      const adds = addsOf(changesOf(row))
      if (adds !== undefined) refuseFull(adds)
      refuseLate(row)
      if (staysOpen(row)) return () => undefined
      underWay++
      return leave
    },
    join: (row, principal, address) =>
      isExempt(row) || staysOpen(row) ? FREE : places.enter(callerOf(principal, address)),
    checkBody(row, body) {
      const changes = changesOf(row)
      const adds = typeof changes?.adds === 'function' ? changes.adds(body) : undefined
      if (adds !== undefined) refuseFull(adds)
    },
  }
}

const full = (adds: Adds): Problem =>
  Overloaded(
    adds === 'again'
      ? 'Redis is more than 90 % full: nothing is done once more until some is done. Nothing was changed.'
      : 'Redis is more than 80 % full: no more work is taken until some is done. Nothing was changed.',
    { retryAfterMs: FULL_RETRY_MS },
  )

const mayWait = (retryAfterMs: number): Problem =>
  QueueFull(
    'Redis is more than 70 % full: work of low priority is not taken until some is done. Nothing was changed.',
    {
      retryAfterMs,
    },
  )
