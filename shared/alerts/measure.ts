// What rules measure, from the figures that there are. Pure; one function for each metric.
import { webhookDeliver } from '../catalog/webhook-deliver.ts'
import type { Metric } from './catalogue.ts'
import type { Sample } from './policy.ts'
import type { Subject } from './words.ts'

/** A queue in which jobs wait. */
export interface WaitingQueue {
  readonly name: string
  readonly ready: number
  readonly oldestMs: number
  readonly workers: number
  readonly paused: boolean
  /** Its workers stopped fetching, as a breaker lets no call through. */
  readonly behindBreaker: boolean
}

/** What came and went in a queue. */
export interface Counts {
  readonly added: number
  readonly completed: number
  readonly failed: number
  readonly cancelled: number
}

/** How long jobs of one name took lately, and usually; `usual` undefined where that is not known. */
export interface Runs {
  readonly queue: string
  readonly name: string
  readonly p95: number
  readonly samples: number
  readonly usual: number | undefined
}

export interface Figures {
  readonly now: number
  readonly waiting: readonly WaitingQueue[]
  /** By queue: of the last five minutes, and of the last ten. */
  readonly recent: ReadonlyMap<string, Counts>
  readonly wide: ReadonlyMap<string, Counts>
  readonly runs: readonly Runs[]
  /** Breakers that keep calls from their service, since when. */
  readonly breakers: readonly { readonly service: string; readonly since: number }[]
  /** Schedules whose next time has passed. */
  readonly schedules: readonly {
    readonly id: string
    readonly name: string
    readonly queue: string
    readonly next: number
  }[]
  readonly webhooks: readonly { readonly id: string; readonly label: string; readonly failures: number }[]
}

/** Jobs that take a moment at most take twice as long for no reason: below this, in ms, how long they take says nothing. */
const QUICK_MS = 50

const queueOf = (name: string): Subject => ({ kind: 'queue', id: name, label: name, queue: name })
const counted = (subject: Subject, value: number): Sample => ({ subject, value, samples: null })
const seconds = (ms: number): number => Math.max(0, Math.round(ms / 1_000))

/** How deliveries fare is told of their endpoints; their queue would only say it once more. */
const isOfEndpoints = (queue: string): boolean => queue === webhookDeliver.queue

const failureRate = ({ recent }: Figures): Sample[] =>
  [...recent].flatMap(([queue, { completed, failed }]) => {
    const ended = completed + failed
    if (ended === 0 || isOfEndpoints(queue)) return []
    return { subject: queueOf(queue), value: Math.round((failed / ended) * 10_000) / 10_000, samples: ended }
  })

const runTime = ({ runs }: Figures): Sample[] =>
  runs.flatMap(({ queue, name, p95, samples, usual }) => {
    if (usual === undefined || usual <= 0 || p95 < QUICK_MS || isOfEndpoints(queue)) return []
    const subject = { kind: 'job' as const, id: `${queue}:${name}`, label: name, queue }
    return { subject, value: Math.round((p95 / usual) * 100) / 100, samples }
  })

const backlog = ({ waiting, wide }: Figures): Sample[] =>
  waiting.flatMap(({ name, ready }) => {
    const { added = 0, completed = 0, failed = 0, cancelled = 0 } = wide.get(name) ?? {}
    const grown = Math.min(ready, added - completed - failed - cancelled)
    return grown > 0 ? counted(queueOf(name), grown) : []
  })

const oldestWaiting = ({ waiting }: Figures): Sample[] =>
  waiting
    .filter(({ workers, paused, behindBreaker }) => workers > 0 && !paused && !behindBreaker)
    .map(({ name, oldestMs }) => counted(queueOf(name), seconds(oldestMs)))

const deadLetters = ({ wide }: Figures): Sample[] =>
  [...wide].flatMap(([queue, { failed }]) =>
    failed > 0 && !isOfEndpoints(queue) ? counted(queueOf(queue), failed) : [],
  )

const breaker = ({ breakers, now }: Figures): Sample[] =>
  breakers.map(({ service, since }) =>
    counted({ kind: 'service', id: service, label: service, queue: null }, seconds(now - since)),
  )

const schedule = ({ schedules, now }: Figures): Sample[] =>
  schedules.map(({ id, name, queue, next }) =>
    counted({ kind: 'schedule', id, label: name, queue: queue === '' ? null : queue }, seconds(now - next)),
  )

const noWorker = ({ waiting }: Figures): Sample[] =>
  waiting
    .filter(({ workers, paused }) => workers === 0 && !paused)
    .map(({ name, ready }) => counted(queueOf(name), ready))

const webhook = ({ webhooks }: Figures): Sample[] =>
  webhooks
    .filter(({ failures }) => failures > 0)
    .map(({ id, label, failures }) => counted({ kind: 'webhook', id, label, queue: null }, failures))

const metrics: Readonly<Record<Metric, (figures: Figures) => Sample[]>> = {
  failure_rate: failureRate,
  run_time: runTime,
  backlog,
  oldest_waiting: oldestWaiting,
  dead_letters: deadLetters,
  breaker,
  schedule,
  no_worker: noWorker,
  webhook,
}

/** What each metric says of each subject. */
export const measure = (figures: Figures): ReadonlyMap<Metric, readonly Sample[]> =>
  new Map(Object.entries(metrics).map(([metric, of]) => [metric as Metric, of(figures)]))
