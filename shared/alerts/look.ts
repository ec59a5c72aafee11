// Reads the figures that rules measure from the read models there are; at rest that is a handful of commands, whatever the number of queues.
import type { Bull } from '../bullmq/bullmq.ts'
import { createBreakers } from '../breakers/breakers.ts'
import { catalog } from '../catalog/catalog.ts'
import { createDeliveryStore } from '../deliveries/store.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { minuteOf, queuesKey } from '../metrics/buckets.ts'
import { splitField } from '../metrics/fields.ts'
import { createMinuteHashes } from '../metrics/minutes.ts'
import type { MinuteHashes } from '../metrics/minutes.ts'
import { cursorsKey } from '../metrics/progress.ts'
import { addRuns, runsKey } from '../metrics/run-counts.ts'
import type { RunSteps } from '../metrics/run-counts.ts'
import { oldestWaiting } from '../queues/oldest.ts'
import { scheduleKeys } from '../schedules/keys.ts'
import { queueOf } from '../schedules/queue.ts'
import { createScheduleStore } from '../schedules/store.ts'
import { windowOf } from '../schedules/window.ts'
import { readHeld } from '../services/held.ts'
import type { Services } from '../services/services.ts'
import { createWebhookStore } from '../webhooks/store.ts'
import { createWebhookView } from '../webhooks/view.ts'
import type { WebhookRecord } from '../webhooks/words.ts'
import type { Counts, Figures, Runs, WaitingQueue } from './measure.ts'
import { createUsual, p95Of, sizeOf } from './usual.ts'

/** Minutes of the windows, beside the running one. */
const RECENT = 5
const WIDE = 10
/** Schedules that are late at once, and endpoints that are asked about. */
const SCHEDULES_MAX = 200
const WEBHOOKS_MAX = 1_000
/** How often endpoints are asked how they fare, as each is asked alone. */
const WEBHOOKS_EVERY_MS = 60_000

export interface LookNeeds {
  bull: Bull
  services: Services
}

/** Makes the function that reads everything there is to judge. What it knows of queues at rest it keeps. */
export const createLook = (kernel: Kernel, { bull, services }: LookNeeds): (() => Promise<Figures>) => {
  const counts = createMinuteHashes(kernel, queuesKey)
  const runs = createMinuteHashes(kernel, runsKey)
  const usual = createUsual(kernel)
  const waiting = createWaiting(kernel, bull)
  const breakers = createBreakers(kernel, { services })
  const schedules = createLate(kernel)
  const webhooks = createWebhookFailures(kernel)
  return async () => {
    const now = kernel.clock.now()
    const [minutes, ran, usually, queues, troubled, late, failing] = await Promise.all([
      counts(minutesUpTo(now, WIDE)),
      runs(minutesUpTo(now, RECENT)),
      usual(),
      waiting(),
      breakers.troubled(),
      schedules(),
      webhooks(),
    ])
    return {
      now,
      waiting: queues,
      recent: countsOf(minutes.slice(WIDE - RECENT)),
      wide: countsOf(minutes),
      runs: runsOf(ran, usually),
      breakers: troubled,
      schedules: late,
      webhooks: failing,
    }
  }
}

const minutesUpTo = (now: number, before: number): number[] =>
  Array.from({ length: before + 1 }, (_, n) => minuteOf(now) - before + n)

const NOTHING: Counts = { added: 0, completed: 0, failed: 0, cancelled: 0 }

const countsOf = (minutes: Awaited<ReturnType<MinuteHashes>>): Map<string, Counts> => {
  const all = new Map<string, Counts>()
  for (const [field, value] of minutes.flatMap((hash) => Object.entries(hash))) {
    const [queue, name] = splitField(field)
    if (!Object.hasOwn(NOTHING, name)) continue
    const known = all.get(queue) ?? NOTHING
    all.set(queue, { ...known, [name]: known[name as keyof Counts] + Number(value) })
  }
  return all
}

const runsOf = (minutes: Awaited<ReturnType<MinuteHashes>>, usual: ReadonlyMap<string, number>): Runs[] => {
  const all: RunSteps = new Map()
  for (const minute of minutes) addRuns(all, minute)
  return [...all].map(([of, steps]) => {
    const colon = of.indexOf(':')
    const named = { queue: of.slice(0, colon), name: of.slice(colon + 1) }
    return { ...named, p95: p95Of(steps), samples: sizeOf(steps), usual: usual.get(of) }
  })
}

/** Queues in which jobs wait. Jobs come with an event only, so a queue that told nothing since it was seen empty is empty still. */
const createWaiting = (kernel: Kernel, bull: Bull) => {
  const seen = new Map<string, string | undefined>()
  return async (): Promise<WaitingQueue[]> => {
    const [queues, cursors] = await Promise.all([bull.current(), kernel.redis.hgetall(cursorsKey(kernel))])
    const cursorOf = (queue: string): string | undefined => cursors[bull.keys(queue).events]
    const asked = queues.filter((queue) => !seen.has(queue) || seen.get(queue) !== cursorOf(queue))
    const counts = await bull.counts(asked)
    const found = [...counts].map(([name, count]) => ({ name, count, ready: count.waiting + count.prioritized }))
    for (const { name, ready } of found)
      if (ready === 0) seen.set(name, cursorOf(name))
      else seen.delete(name)
    for (const queue of seen.keys()) if (!queues.includes(queue)) seen.delete(queue)
    const names = found.flatMap(({ name, ready }) => (ready > 0 ? name : []))
    if (names.length === 0) return []
    const [oldest, workers, held] = await Promise.all([
      oldestWaiting(kernel, bull, names),
      bull.workers(names),
      readHeld(kernel, names),
    ])
    return found
      .filter(({ ready }) => ready > 0)
      .map(({ name, count: { paused }, ready }) => ({
        ...{ name, ready, paused, oldestMs: oldest.get(name) ?? 0, workers: workers.get(name) ?? 0 },
        behindBreaker: held.get(name)?.cause === 'breaker',
      }))
  }
}

/** Schedules whose next time has passed. Mostly there are none, which is one command. */
const createLate = (kernel: Kernel) => {
  const store = createScheduleStore(kernel)
  return async (): Promise<Figures['schedules']> => {
    const now = kernel.clock.now()
    const flat = await kernel.redis.zrange(scheduleKeys(kernel).next, '-inf', now, 'BYSCORE', 'LIMIT', 0, SCHEDULES_MAX, 'WITHSCORES') // prettier-ignore
    const next = new Map(
      Array.from({ length: flat.length / 2 }, (_, n) => [flat[2 * n] ?? '', Number(flat[2 * n + 1])]),
    )
    if (next.size === 0) return []
    const records = await store.findMany([...next.keys()])
    return [...records].flatMap(([id, record]) => {
      if (record === 'unreadable' || windowOf(record, now).rests) return []
      const { definition } = record
      return { id, name: definition.name, queue: queueOf(catalog, definition), next: next.get(id) ?? now }
    })
  }
}

/** Endpoints that fail; one that k1n disabled for that is not well either. */
const createWebhookFailures = (kernel: Kernel) => {
  const view = createWebhookView(kernel, createWebhookStore(kernel))
  const store = createDeliveryStore(kernel)
  let known: { at: number; failing: Figures['webhooks'] } = { at: -Infinity, failing: [] }
  return async (): Promise<Figures['webhooks']> => {
    const now = kernel.clock.now()
    if (now - known.at < WEBHOOKS_EVERY_MS) return known.failing
    await view.fresh()
    const asked = [...view.all().values()].filter(isMeant).slice(0, WEBHOOKS_MAX)
    const standings = asked.length === 0 ? [] : await store.standings(asked.map(({ id }) => id))
    const failing = asked.map((webhook, n) => ({
      ...{ id: webhook.id, label: labelOf(webhook), failures: standings[n]?.failures ?? 0 },
    }))
    known = { at: now, failing }
    return failing
  }
}

const isMeant = ({ enabled, disabled }: WebhookRecord): boolean => enabled || disabled?.reason === 'failing'

/** Paths of addresses may hold secrets. */
const labelOf = ({ settings: { description, url } }: WebhookRecord): string =>
  description === '' ? new URL(url).host : description
