// A dashboard that is left open on a wall: after hundreds of thousands of facts it holds no more than it did after the first third.
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

/** A day of 10,000 facts a minute is four hours at this pace; `K1N_TEST_SOAK_S=14400` is that day. */
const FACTS_PER_S = 1_000
const SECONDS = Number(process.env['K1N_TEST_SOAK_S'] ?? 300)
/** When it is full the timeline lets the oldest eighth of its runs go. */
const RUNS_MAX = 350_000
/** 200,000 of them are 60 MB at most, with all else. */
const fullMb = (runs: number): number => 60 * Math.max(1, Math.min(RUNS_MAX, runs) / 200_000)
const QUEUES = 20
const PAGES = ['/timeline?t=15m', '/', '/jobs', '/analytics'] as const
/** The strip of the overview is full early; the runs that were told of in the last minute or two are held beside it. */
const GROWS: Partial<Record<string, number>> = { '/': 1.5 }

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

/** A job that begins and ends. */
const pairOf = (n: number, now: number) => {
  const queue = `soak-${n % QUEUES}`
  const about = { task_id: `${queue}:s${n}`, queue, name: 'soak.turn', attempt: 1, priority: 0, wait_ms: 5 }
  const ran = { ...about, started_at: toIso(now - 40), worker_id: 'w_soak' }
  return [
    fact(JobActive, now - 40, { ...ran, state: 'active' }),
    fact(JobCompleted, now, { ...ran, finished_at: toIso(now), duration_ms: 40, state: 'completed' }),
  ]
}

let pairs = 0
/** Tells so many facts a second for so long, beside jobs that are real. */
const tell = async (seconds: number): Promise<void> => {
  const log = createEventLog(kernel)
  const began = Date.now()
  const first = pairs
  const real = load(site.stack, seconds, 10)
  for (; Date.now() - began < seconds * 1_000; await pause(100)) {
    const due = Math.floor((((Date.now() - began) / 1_000) * FACTS_PER_S) / 2) - (pairs - first)
    const now = Date.now()
    await log.append(Array.from({ length: Math.max(0, due) }, (_, more) => pairOf(pairs + more, now)).flat())
    pairs += Math.max(0, due)
  }
  await real
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

test(
  'after hundreds of thousands of facts each page holds as much memory and as many elements as before',
  async () => {
    await tell(SECONDS / 3)
    await pause(3_000)
    const before = await Promise.all(visits.map(({ page }) => heldBy(page)))
    await tell((SECONDS * 2) / 3)
    await pause(3_000)
    const after = await Promise.all(visits.map(({ page }) => heldBy(page)))
    for (const [place, path] of PAGES.entries()) {
      const [one, other] = [before[place] as Held, after[place] as Held]
      console.log(`${path}: heap ${one.heap.toFixed(1)} to ${other.heap.toFixed(1)} MB, elements ${one.nodes} to ${other.nodes}, listeners ${one.listeners} to ${other.listeners}`) // prettier-ignore
      const most = path.startsWith('/timeline') ? fullMb(pairs) : one.heap * (GROWS[path] ?? 1.1)
      expect.soft(other.heap, `${path}: heap`).toBeLessThan(most)
      expect.soft(other.nodes, `${path}: elements`).toBeLessThan(one.nodes * 1.1)
      expect.soft(other.listeners, `${path}: listeners`).toBeLessThan(one.listeners * 1.1)
    }
    // The page has heard of them: the newest ones are drawn.
    const drawn = visits[0]?.page.locator('canvas').first()
    const runs = await drawn?.evaluate((canvas) => (canvas as HTMLCanvasElement & { drawnRuns?: number }).drawnRuns)
    expect(runs).toBeGreaterThan(Math.min(RUNS_MAX, pairs) * 0.9)
    for (const visit of visits) {
      await visit.page.getByText(/^Live,/).waitFor()
      expect(visit.mishaps).toEqual([])
    }
  },
  (SECONDS + 120) * 1_000,
)
