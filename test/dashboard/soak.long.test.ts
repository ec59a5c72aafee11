// A dashboard that is left open on a wall: after millions of facts it holds no more than it did after half of them.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readSettings } from '../../shared/kernel/config.ts'
import { fact } from '../../shared/kernel/event.ts'
import { createKernel } from '../../shared/kernel/kernel.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { toIso } from '../../shared/kernel/clock.ts'
import { JobActive, JobCompleted } from '../../shared/jobs/events.ts'
import { createEventLog } from '../../shared/stream/log.ts'
import { furnish, openSite } from './browser.ts'
import type { Site, Visit } from './browser.ts'
import { heapMb, load, pause } from './measure.ts'
import type { Drawn } from './paints.ts'

/** As fast as two cores make facts, tell them to four pages and draw them. */
const FACTS_PER_S = 10_000
/** Five hours of 10,000 a minute in five minutes, of which pages take two until they hold all they ever will; `K1N_TEST_SOAK_FACTS=14400000` is a day, in 24 minutes. */
const FACTS = Number(process.env['K1N_TEST_SOAK_FACTS'] ?? 3_000_000)
const PAIRS = FACTS / 2
const PAIRS_PER_MS = FACTS_PER_S / 2 / 1_000
const QUEUES = 20
const PAGES = ['/timeline?t=15m', '/', '/jobs', '/analytics'] as const
/** When it is full the timeline lets the oldest eighth of its runs go; 200,000 of them are 60 MB at most, with all else. */
const RUNS_MAX = 350_000
const FULL_MB = (60 * RUNS_MAX) / 200_000
/** What is held goes up and down as runs are let go: its most of so many looks is compared, longer than one such turn takes. */
const LOOKS = 12
const LOOK_MS = 1_000
/** So long they take with what each costs, a good deal. */
const LOOKS_MS = 25_000

let site: Site
let kernel: Kernel
let visits: Visit[]

beforeAll(async () => {
  site = await openSite()
  await furnish(site.stack)
  kernel = createKernel({ settings: readSettings({ REDIS_URL: site.stack.redis.url, K1N_LOG_LEVEL: 'error' }), role: 'worker' }) // prettier-ignore
  visits = await Promise.all(PAGES.map(() => site.visit()))
  for (const [place, visit] of visits.entries()) {
    await visit.open(PAGES[place] ?? '/')
    await visit.page.getByText(/^Live,/).waitFor()
  }
}, 180_000)
afterAll(async () => {
  await kernel.close()
  await site.close()
})

const queueOf = (n: number): string => `soak-${n % QUEUES}`

/** A job that begins and ends. */
const pairOf = (n: number, now: number) => {
  const queue = queueOf(n)
  const about = { task_id: `${queue}:s${n}`, queue, name: 'soak.turn', attempt: 1, priority: 0, wait_ms: 5 }
  const ran = { ...about, started_at: toIso(now - 40), worker_id: 'w_soak' }
  return [
    fact(JobActive, now - 40, { ...ran, state: 'active' }),
    fact(JobCompleted, now, { ...ran, finished_at: toIso(now), duration_ms: 40, state: 'completed' }),
  ]
}

let pairs = 0
/** Tells of all runs at that pace, beside jobs that are real. */
const tell = async (): Promise<void> => {
  const log = createEventLog(kernel)
  const began = Date.now()
  const real = load(site.stack, FACTS / FACTS_PER_S, 10)
  for (; pairs < PAIRS; await pause(50)) {
    const now = Date.now()
    const due = Math.min(PAIRS, Math.floor((now - began) * PAIRS_PER_MS)) - pairs
    await log.append(Array.from({ length: due }, (_, more) => pairOf(pairs + more, now)).flat())
    pairs += due
  }
  await real
}

/** Once so many were told of. */
const told = async (many: number, telling: Promise<void>): Promise<void> => {
  let isOver = false
  telling.then(
    () => (isOver = true),
    () => (isOver = true),
  )
  while (pairs < many && !isOver) await pause(100)
}

interface Held {
  heap: number
  nodes: number
  listeners: number
}

const heldBy = async (page: Page): Promise<Held> => {
  const heap = await heapMb(page)
  const session = await page.context().newCDPSession(page)
  const { nodes, jsEventListeners: listeners } = await session.send('Memory.getDOMCounters')
  await session.detach()
  return { heap, nodes, listeners }
}

/** Nothing is behind: the run told of last is among those of the chart. */
const newestIsThere = (): Promise<unknown> | undefined =>
  visits[0]?.page.waitForFunction(
    ({ queue, id }) => {
      const chart = document.querySelector<Drawn>('canvas')?.chart
      return (chart?.store.find({ queue, id, attempt: 1 }) ?? -1) >= 0
    },
    { queue: queueOf(pairs - 1), id: `s${pairs - 1}` },
    { timeout: 5_000 },
  )

/** The most of each that a page holds over some looks, while more is told. */
const mostHeldBy = async ({ page }: Visit): Promise<Held> => {
  const looks: Held[] = []
  for (let look = 0; look < LOOKS; look++) {
    looks.push(await heldBy(page))
    await pause(LOOK_MS)
  }
  const most = (of: keyof Held): number => Math.max(...looks.map((held) => held[of]))
  return { heap: most('heap'), nodes: most('nodes'), listeners: most('listeners') }
}

const mostHeld = (): Promise<Held[]> => Promise.all(visits.map(mostHeldBy))

test(
  `after ${FACTS.toLocaleString('en')} facts each page holds as much memory and as many elements as after half of them`,
  async () => {
    const telling = tell()
    await told(PAIRS / 2, telling)
    const before = await mostHeld()
    await told(PAIRS - LOOKS_MS * PAIRS_PER_MS, telling)
    const after = await mostHeld()
    expect(pairs, 'looked at while more was told').toBeLessThan(PAIRS)
    await telling
    for (const [place, path] of PAGES.entries()) {
      const [one, other] = [before[place] as Held, after[place] as Held]
      console.log(`${path}: heap ${one.heap.toFixed(1)} to ${other.heap.toFixed(1)} MB, elements ${one.nodes} to ${other.nodes}, listeners ${one.listeners} to ${other.listeners}`) // prettier-ignore
      expect.soft(other.heap, `${path}: heap`).toBeLessThan(one.heap * 1.1)
      expect.soft(other.nodes, `${path}: elements`).toBeLessThan(one.nodes * 1.1)
      expect.soft(other.listeners, `${path}: listeners`).toBeLessThan(one.listeners * 1.1)
    }
    await newestIsThere()
    const runs = await visits[0]?.page.evaluate(() => document.querySelector<Drawn>('canvas')?.chart.store.length)
    expect(runs).toBeGreaterThan(Math.min(RUNS_MAX * 0.8, PAIRS * 0.9))
    expect(after[0]?.heap).toBeLessThan(FULL_MB)
    for (const visit of visits) {
      await visit.page.getByText(/^Live,/).waitFor()
      expect(visit.mishaps).toEqual([])
    }
  },
  (FACTS / FACTS_PER_S) * 1_500 + 60_000,
)
