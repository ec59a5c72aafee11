// What goes through a service: queues by what is declared, parked and was seen, the jobs in them now, and who waits for these.
import type { LastHour } from '../breakers/breakers.ts'
import type { Bull, CountsAndPause, RawJob } from '../bullmq/bullmq.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import { asRecord } from '../bullmq/raw-job.ts'
import { findKind, queuesOf } from '../catalog/catalog.ts'
import type { Catalog } from '../catalog/kind.ts'
import { drawDelayed } from '../jobs/parked-count.ts'
import type { Drawn } from '../jobs/parked-count.ts'
import { parkOf } from '../jobs/state.ts'
import { toIso } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { readHeld } from '../services/held.ts'
import type { ServiceTouches, TouchedFlows, TouchedQueue } from './contract.ts'
import { flowsOf } from './flows.ts'
import type { Child } from './flows.ts'
import { readLines } from './lines.ts'
import type { Lately } from './sample.ts'
import { asCounted } from './what-if.ts'

export interface ServiceNeeds {
  kernel: Kernel
  bull: Bull
  catalog: Catalog
}

type Seeing = { queues: readonly string[] }
type Own = Omit<ServiceTouches, 'schedules' | 'webhooks'>

const SHOWN = 50
const USES = 20
/** Queues whose lines are looked into. */
const LOOKED_INTO = 20

export const touchesOfService = async (
  needs: ServiceNeeds,
  principal: Seeing,
  hour: LastHour,
  lately: Lately,
): Promise<Own> => {
  const service = hour.service.name
  const { queues, exact } = await touchedQueues(needs, principal, service, lately)
  return {
    service,
    at: toIso(hour.to),
    queues: queues.slice(0, SHOWN),
    queues_total: queues.length,
    parked: queues.reduce((total, { parked }) => total + parked, 0),
    parked_exact: exact,
    lately: lately.told,
    flows: await flowsThrough(needs, principal, service, queues),
    budget: hour.service.budget,
    calls: callsOf(hour),
  }
}

const callsOf = (hour: LastHour): ServiceTouches['calls'] => {
  const { calls, failures, refused } = asCounted(hour)
  return { from: toIso(hour.from), to: toIso(hour.to), calls, failures, refused }
}

type Uses = Map<string, TouchedQueue['uses'][number]>

/** Gathers uses by queue and name. */
const createUses = () => {
  const byQueue = new Map<string, Uses>()
  const usesOf = (queue: string): Uses => {
    const known = byQueue.get(queue) ?? new Map()
    byQueue.set(queue, known)
    return known
  }
  const use = (queue: string, name: string, how: (use: TouchedQueue['uses'][number]) => void): void => {
    const uses = usesOf(queue)
    const known = uses.get(name) ?? { name, declared: false, seen: 0, parked: 0 }
    how(known)
    uses.set(name, known)
  }
  return { byQueue, usesOf, use }
}

const touchedQueues = async (
  { kernel, bull, catalog }: ServiceNeeds,
  principal: Seeing,
  service: string,
  lately: Lately,
): Promise<{ queues: TouchedQueue[]; exact: boolean }> => {
  const sees = (queue: string): boolean => allowsQueue(principal, queue)
  const own = queuesOf(catalog).filter(sees)
  const [drawn, held] = await Promise.all([drawDelayed(kernel, bull, own), readHeld(kernel, own)])
  const { byQueue, use, usesOf } = createUses()
  for (const kind of Object.values(catalog))
    if (kind.service === service && sees(kind.queue)) use(kind.queue, kind.name, (one) => (one.declared = true))
  for (const job of lately.jobs) if (job.service === service) use(job.queue, job.name, (one) => (one.seen += 1))
  const marked = new Map(drawn.map((one) => [one.queue, { ...one, jobs: one.jobs.filter(parkedFor(service)) }]))
  for (const { queue, jobs } of marked.values())
    for (const { name } of jobs) use(queue, name, (one) => (one.parked += 1))
  const heldFor = new Set([...held].filter(([, word]) => word.service === service).map(([queue]) => queue))
  for (const queue of heldFor) usesOf(queue)
  const counts = await bull.counts([...byQueue.keys()])
  const queues = [...byQueue]
    .map(([queue, uses]) => toQueue(queue, uses, counts.get(queue), marked.get(queue), heldFor.has(queue)))
    .sort((a, b) => b.parked - a.parked || b.waiting - a.waiting || (a.queue < b.queue ? -1 : 1))
  // Where not all delayed jobs were looked at, a queue may have some that were not met.
  return { queues, exact: drawn.every((one) => one.drawn >= one.delayed) }
}

const parkedFor =
  (service: string) =>
  (job: RawJob): boolean =>
    parkOf(job)?.service === service

const toQueue = (
  queue: string,
  uses: Uses,
  counts: CountsAndPause | undefined,
  marked: Drawn | undefined,
  held: boolean,
): TouchedQueue => {
  const { waiting = 0, prioritized = 0, active = 0, delayed = 0, paused = false } = counts ?? {}
  const inLine = waiting + prioritized
  const { jobs = [], drawn = 0, delayed: of = 0 } = marked ?? {}
  const putAway = drawn === 0 ? 0 : Math.round((jobs.length * of) / drawn)
  return {
    ...{ queue, paused, held, delayed },
    waiting: inLine,
    running: active,
    parked: putAway + (held ? inLine : 0),
    parked_exact: drawn >= of,
    uses: [...uses.values()]
      .sort((a, b) => b.parked - a.parked || b.seen - a.seen || (a.name < b.name ? -1 : 1))
      .slice(0, USES),
  }
}

const flowsThrough = async (
  needs: ServiceNeeds,
  principal: Seeing,
  service: string,
  queues: readonly TouchedQueue[],
): Promise<TouchedFlows> => {
  const { kernel, bull, catalog } = needs
  const looked = queues.slice(0, LOOKED_INTO)
  const heldFor = new Set(looked.filter(({ held }) => held).map(({ queue }) => queue))
  const met = await readLines(
    kernel,
    bull,
    looked.map(({ queue }) => queue),
  )
  const children = met.flatMap(({ job, line }): Child[] => {
    const isMarked = line === 'delayed' && parkedFor(service)(job)
    if (!isMarked && serviceTold(job, catalog) !== service) return []
    return [{ job, parked: isMarked || (line === 'waiting' && heldFor.has(job.queue)) }]
  })
  return {
    ...(await flowsOf(needs, principal, children)),
    looked_at: met.length,
    of: queues.reduce((total, { waiting, running, delayed }) => total + waiting + running + delayed, 0),
  }
}

/** As the job tells it, else as its kind says of all of them; payloads are not read. */
const serviceTold = ({ opts, name }: RawJob, catalog: Catalog): string | undefined => {
  const { service } = asRecord(opts['k1n'])
  return typeof service === 'string' ? service : findKind(name, catalog)?.service
}
