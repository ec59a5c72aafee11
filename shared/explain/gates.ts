// What can keep a queue from handing out any job at all, in the order BullMQ meets it. Each says nothing where it is open.
import { brief, bytes, evidence, jobs, moment, reason, span } from './say.ts'
import type { Facts } from './facts.ts'
import type { Cause, Reason } from './words.ts'

type Gate = (facts: Facts) => Reason | undefined

/** The gates that are closed, the one met first first. Workers that take nothing are worth a word only where nothing else
 *  keeps them from it. */
export const closedGates = (facts: Facts): Reason[] => {
  const closed = [redisFull, paused, held, nobody, nobodyForName, queueFull, rateLimited].flatMap((gate) => gate(facts) ?? []) // prettier-ignore
  return closed.length > 0 ? closed : [notFetching(facts) ?? []].flat()
}

/** Those that are also in the way of a job that is not in line yet. */
export const lastingGates = (facts: Facts): Reason[] =>
  [redisFull, paused, held, nobody, nobodyForName].flatMap((gate) => gate(facts) ?? [])

/** A Redis that may remove keys makes room, and refuses nothing. */
const redisFull: Gate = ({ more }) => {
  if (!more?.memory.refuses || more.memory.maxBytes === 0 || more.memory.usedBytes < more.memory.maxBytes)
    return undefined
  const { usedBytes, maxBytes } = more.memory
  return reason(
    'redis_full',
    `Redis is full (${bytes(usedBytes)} of ${bytes(maxBytes)}): it refuses every write, so no job can start.`,
    evidence(['used_bytes', 'Memory used', 'bytes', usedBytes], ['max_bytes', 'Memory allowed', 'bytes', maxBytes]),
    'Give Redis more memory, or remove jobs that have ended.',
  )
}

const paused: Gate = ({ stated: { job }, around }) => {
  if (!around?.counts.paused) return undefined
  const remedy = 'Resume the queue.'
  if (!around.pause)
    return reason(
      'queue_paused',
      `The queue ${job.queue} is paused.`,
      evidence(['queue', 'Queue', 'queue', job.queue]),
      remedy,
    )
  const { by, at, reason: why } = around.pause
  return reason(
    'queue_paused',
    `The queue ${job.queue} is paused by ${by} since ${moment(at)}${why ? `: ${why}` : ''}.`,
    evidence(
      ['paused_by', 'Paused by', 'text', by],
      ['paused_at', 'Paused', 'instant', at],
      ['pause_reason', 'Why', 'text', why],
    ),
    remedy,
  )
}

export const parkedCause = (cause: 'breaker' | 'budget' | 'concurrency' | 'retry_budget'): Cause => `parked_${cause}`

const held: Gate = ({ stated: { job }, around }) => {
  if (!around?.held) return undefined
  const { service, cause, until, reason: why } = around.held
  return reason(
    parkedCause(cause),
    `Workers fetch nothing from ${job.queue} while ${service} lets nobody in: ${brief(why)}.`,
    evidence(
      ['service', 'Service', 'text', service],
      ['until', 'Asked again', 'instant', until],
      ['waiting', 'Jobs held', 'count', around.counts.waiting + around.counts.prioritized],
    ),
  )
}

const nobody: Gate = ({ stated: { job }, around, more }) => {
  if (!around || around.workers > 0 || (more && (more.processes.length > 0 || more.crew.count > 0))) return undefined
  return reason(
    'no_worker',
    `No worker takes jobs from ${job.queue}.`,
    evidence(
      ['workers', 'Workers', 'count', 0],
      ['waiting', 'Jobs waiting', 'count', around.counts.waiting + around.counts.prioritized],
    ),
    `Start a worker for ${job.queue}.`,
  )
}

/** Only our processes tell which names they know; where another service works too, it may know this one. */
const nobodyForName: Gate = ({ stated: { job }, more }) => {
  if (!more || more.processes.length === 0 || foreignWorkers(more) > 0) return undefined
  if (more.processes.some(({ names }) => names === undefined || names.includes(job.name))) return undefined
  return reason(
    'no_worker_for_name',
    `Workers take jobs from ${job.queue}, but none has a handler for ${job.name}: whichever takes it gives it up.`,
    evidence(
      ['name', 'Name of the job', 'text', job.name],
      ['workers', 'Workers of the queue', 'count', more.processes.length],
    ),
    `Start workers that have a handler for ${job.name}.`,
  )
}

/** Workers of other services; of how many jobs they run at once nothing is known. */
export const foreignWorkers = ({ crew }: NonNullable<Facts['more']>): number =>
  crew.count - crew.names.filter((name) => name.startsWith('w_')).length

const queueFull: Gate = ({ stated: { job }, around, more }) => {
  const most = more?.circumstances.concurrency
  if (!around || most === undefined || around.counts.active < most) return undefined
  return reason(
    'queue_concurrency',
    `The queue ${job.queue} runs ${jobs(most)} at once for all workers together, and ${around.counts.active} run now.`,
    evidence(['concurrency', 'At once', 'count', most], ['active', 'Running', 'count', around.counts.active]),
  )
}

/** `queue.rateLimit` stops a queue by a count no limit reaches. */
const STOPPED = 1e15

const rateLimited: Gate = (facts) => {
  const { stated, more } = facts
  const window = more?.circumstances.window
  if (!more || !window) return undefined
  const max = more.circumstances.rate?.max
  const stopped = window.started >= STOPPED
  // A worker's own limit is not stored: it is at work where slots are free and jobs wait all the same.
  const reached = max === undefined ? hasFreeSlot(facts) : window.started >= max
  if (!stopped && !reached) return undefined
  return reason(
    'rate_limit',
    stopped
      ? `The queue ${stated.job.queue} was told to rest; it goes on in ${span(window.endsInMs)}.`
      : `The rate limit of ${stated.job.queue} is used up: ${jobs(window.started)} started in its window, which ends in ${span(window.endsInMs)}.`,
    evidence(
      ['started', 'Started in this window', 'count', stopped ? undefined : window.started],
      ['max', 'At most', 'count', max],
      ['duration_ms', 'Window', 'ms', more.circumstances.rate?.durationMs],
      ['ends_in_ms', 'Window ends in', 'ms', window.endsInMs],
    ),
  )
}

/** So long a job that nothing keeps waits for no worker that fetches. */
const PATIENCE_MS = 5_000

/** Workers are there and run nothing, and still nobody takes what waits. */
const notFetching: Gate = (facts) => {
  const { stated, around, more, now } = facts
  if (!more || !around || around.counts.active > 0 || (more.crew.count === 0 && more.processes.length === 0))
    return undefined
  const waitedMs = now - readyAt(facts)
  const { takenAt } = more.circumstances
  if (waitedMs < PATIENCE_MS || (takenAt !== undefined && now - takenAt < PATIENCE_MS)) return undefined
  return reason(
    'not_fetching',
    `Workers are connected to ${stated.job.queue} and run nothing, but none takes a job: they were told to pause, or they hang.`,
    evidence(
      ['workers', 'Workers', 'count', more.crew.count],
      ['waited_ms', 'Waits for', 'ms', waitedMs],
      ['taken_at', 'Last job taken', 'instant', takenAt],
      ['last_fetch_at', 'Last fetch of k1n', 'instant', lastFetchOf(more)],
    ),
    'Resume the workers, or restart them.',
  )
}

/** When the job could first be taken, as far as its hash tells. */
const readyAt = ({ stated: { state, score, job } }: Facts): number =>
  state === 'delayed' && score !== undefined ? score : Math.max(job.timestamp + job.delay, job.processedOn ?? 0)

const lastFetchOf = ({ processes }: NonNullable<Facts['more']>): number | undefined =>
  processes.map(({ last_fetch_at }) => last_fetch_at ?? 0).sort((a, b) => b - a)[0] || undefined

/** Slots of the queue; undefined where a worker of another service has some. */
export const slotsOf = ({ stated: { job }, more }: Facts): number | undefined => {
  if (!more || more.processes.length === 0 || foreignWorkers(more) > 0) return undefined
  return more.processes.reduce((sum, { slots }) => sum + (slots[job.queue] ?? 0), 0)
}

/** Whether a slot is surely free: every worker has one at least. */
const hasFreeSlot = (facts: Facts): boolean => {
  const active = facts.around?.counts.active ?? 0
  return active < (slotsOf(facts) ?? facts.more?.crew.count ?? 0)
}
