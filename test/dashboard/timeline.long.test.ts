// The timeline and the charts under load: how soon they are there, how smoothly they move, how late what they show is. Frames are
// judged beside an idle page on the same machine, measured first.
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../support/stack.ts'
import { furnish, openSite } from './browser.ts'
import type { Site } from './browser.ts'
import {
  firstPicture,
  framesOf,
  heapMb,
  load,
  p,
  paintAges,
  pause,
  slowTasks,
  stampFirstPicture,
  stampPaints,
} from './measure.ts'
import type { Frames } from './measure.ts'
import { QUEUES_SEEDED, seedSpans } from './seeding.ts'

const SPANS = 100_000
/** 10,000 events a minute: each job is told when it begins and when it ends. */
const JOBS_PER_S = 84
let site: Site

beforeAll(async () => {
  site = await openSite()
  await furnish(site.stack)
  await seedSpans(site.stack, SPANS)
  // Queues that come from elsewhere are looked for every few seconds.
  await until(
    () => site.stack.client.queues.list(),
    ({ data }) => data.length >= QUEUES_SEEDED,
  )
}, 180_000)
afterAll(() => site.close())

/** Once the chart has drawn so many runs. The stream brings some first: lanes that are there say nothing of the others. */
const filled = (page: Page, runs: number): Promise<unknown> =>
  page.waitForFunction(
    (least) => (document.querySelector<HTMLCanvasElement & { drawnRuns?: number }>('canvas')?.drawnRuns ?? 0) >= least,
    runs,
    { polling: 'raf' },
  )

/** Nearly all that were put in: long runs still go on, and some grow too old for the window while the tests run. */
const HOUR = SPANS * 0.9
const QUARTER = HOUR / 4

/** Puts the pointer over the lanes: a row lies over the canvas there, so the canvas itself cannot be hovered. */
const pointAtLanes = async (page: Page): Promise<void> => {
  const box = await page.locator('canvas').first().boundingBox()
  await page.mouse.move((box?.x ?? 0) + 400, (box?.y ?? 0) + 200)
}

test('the first picture of 100,000 runs is there within a second, after the fonts', async () => {
  const visit = await site.visit()
  await stampFirstPicture(visit.page, HOUR)
  const took: number[] = []
  for (let round = 0; round < 6; round++) {
    await visit.page.goto('/timeline?t=1h')
    took.push(await firstPicture(visit.page))
    expect(await visit.page.evaluate(() => document.fonts.check('12px "Atkinson Hyperlegible Next Variable"'))).toBe(
      true,
    )
  }
  const [cold = Infinity, ...warm] = took
  console.log(`first picture: ${Math.round(cold)} ms with nothing cached, then ${warm.map((ms) => `${Math.round(ms)} ms`).join(', ')}`) // prettier-ignore
  expect(p(warm, 0.5)).toBeLessThan(1_000)
  await visit.close()
})

/** A shared machine slows down for seconds at a time: so often it is measured, and judged by the median. */
const ROUNDS = 3
const medianOf = (rounds: readonly Frames[], figure: (frames: Frames) => number): number => p(rounds.map(figure), 0.5)

/** Turns the wheel to and fro for ten seconds; it ends as wide as it began. */
const zoom = async (page: Page): Promise<void> => {
  for (let turn = 0; turn < 360; turn++) {
    await page.mouse.wheel(0, turn % 40 < 20 ? -24 : 24)
    await pause(25)
  }
}

test('drawing 100,000 runs takes 8 ms at most, and zooming with the wheel stays smooth', async () => {
  const visit = await site.visit()
  const { page } = visit
  await page.goto('/')
  await pause(1_000)
  const idle = await framesOf(page, 3_000)
  await page.goto('/timeline?t=1h')
  await filled(page, HOUR)
  await pointAtLanes(page)
  await page.keyboard.down('Control')
  const rounds: Frames[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const [frames] = await Promise.all([framesOf(page, 10_000), zoom(page)])
    rounds.push(frames)
  }
  await page.keyboard.up('Control')
  const said = rounds.map(({ draws, perS }) => `zoom ${perS.toFixed(0)}/s, draw p50 ${p(draws, 0.5).toFixed(1)} p95 ${p(draws, 0.95).toFixed(1)} ms of ${draws.length}`) // prettier-ignore
  console.log(`idle ${idle.perS.toFixed(0)}/s; ${said.join('; ')}`)
  // Of fewer a p95 says nothing.
  for (const { draws } of rounds) expect(draws.length).toBeGreaterThan(150)
  expect(medianOf(rounds, ({ draws }) => p(draws, 0.95))).toBeLessThanOrEqual(8)
  // 50 of the 60 frames that a machine at rest makes.
  expect(medianOf(rounds, ({ perS }) => perS)).toBeGreaterThanOrEqual((idle.perS * 50) / 60)
  await visit.close()
})

test('at 10,000 events a minute runs are on the screen within 100 ms, and few frames more are late than at rest', async () => {
  const visit = await site.visit()
  const { page } = visit
  await stampPaints(page)
  await page.goto('/')
  await pause(1_000)
  const idle = await framesOf(page, 10_000)
  await page.goto('/timeline?t=15m')
  await filled(page, QUARTER)
  await page.getByText(/^Live,/).waitFor()
  let frames = idle
  let slow: Awaited<ReturnType<typeof slowTasks>> = []
  let before = 0
  const look = async (): Promise<void> => {
    await pause(3_000)
    await paintAges(page)
    before = await heapMb(page)
    slow = await slowTasks(page, async () => (frames = await framesOf(page, 60_000)))
  }
  await Promise.all([load(site.stack, 64, JOBS_PER_S), look()])
  const ages = await paintAges(page)
  const grew = (await heapMb(page)) - before
  const share = (late: number): string => `${(late * 100).toFixed(1)} %`
  const most = (of: number[]): string => Math.max(0, ...of).toFixed(0)
  console.log(
    `end to paint p50 ${p(ages, 0.5)} p95 ${p(ages, 0.95)} p99 ${p(ages, 0.99)} ms of ${ages.length}; late frames ${share(frames.late)}, ` +
      `at rest ${share(idle.late)}; ${slow.length} tasks over 50 ms in 60 s, the longest ${most(slow.map(({ ms }) => ms))} ms, ` +
      `of a core ${most(slow.map(({ coreMs }) => coreMs))} ms at most; heap ${before.toFixed(1)} MB, grew ${grew.toFixed(1)}`,
  )
  expect(ages.length).toBeGreaterThan(4_000)
  expect(p(ages, 0.95)).toBeLessThan(100)
  expect(p(ages, 0.99)).toBeLessThan(150)
  expect(frames.late).toBeLessThanOrEqual(idle.late + 0.01)
  expect(slow.filter(({ coreMs }) => coreMs > 50)).toEqual([])
  expect(grew).toBeLessThan(10)
  expect(visit.mishaps).toEqual([])
  await visit.close()
}, 150_000)

test('they are there within 150 ms where only questions are let through', async () => {
  const visit = await site.visit()
  const { page } = visit
  await stampPaints(page, 'poll')
  await page.goto('/timeline?t=15m')
  await filled(page, QUARTER)
  await page.getByText(/^Polling/).first().waitFor() // prettier-ignore
  const [, ages] = await Promise.all([
    load(site.stack, 16, JOBS_PER_S),
    (async () => {
      await pause(3_000)
      await paintAges(page)
      await pause(12_000)
      return paintAges(page)
    })(),
  ])
  console.log(`by polls: end to paint p50 ${p(ages, 0.5)} p95 ${p(ages, 0.95)} ms of ${ages.length}`)
  expect(ages.length).toBeGreaterThan(800)
  expect(p(ages, 0.95)).toBeLessThan(150)
  await visit.close()
})

test('a burst of 60,000 events a minute keeps buttons quick and is caught up with in two seconds', async () => {
  const visit = await site.visit()
  const { page } = visit
  await stampPaints(page)
  await page.goto('/timeline?t=15m')
  await filled(page, QUARTER)
  await page.getByText(/^Live,/).waitFor()
  await paintAges(page)
  const clicks: number[] = []
  const [added] = await Promise.all([
    load(site.stack, 10, JOBS_PER_S * 6),
    (async () => {
      for (let turn = 0; turn < 8; turn++) {
        await pause(1_000)
        clicks.push(
          await page.evaluate(
            () =>
              new Promise<number>((resolve) => {
                const began = performance.now()
                document.querySelector<HTMLElement>('[aria-label="Zoom in"]')?.click()
                requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)))
              }),
          ),
        )
      }
    })(),
  ])
  await until(
    () => site.stack.client.queues.list(),
    ({ data }) => data.every(({ name, counts }) => name !== 'reports' || counts.waiting + counts.active === 0),
  )
  await pause(2_000)
  const painted = (await paintAges(page)).length
  console.log(`${added} jobs, ${painted} painted; click to paint at most ${Math.round(Math.max(...clicks))} ms`)
  expect(p(clicks, 0.9)).toBeLessThan(100)
  expect(painted).toBeGreaterThanOrEqual(added)
  await visit.close()
})

test('nothing on the page jumps while it is live, and lanes keep their order under the pointer', async () => {
  const visit = await site.visit()
  const { page } = visit
  await page.addInitScript(() => {
    const shifts = { sum: 0 }
    Object.assign(globalThis, { shifts })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const shift = entry as unknown as { value: number; hadRecentInput: boolean }
        if (!shift.hadRecentInput) shifts.sum += shift.value
      }
    }).observe({ type: 'layout-shift', buffered: false })
  })
  await page.goto('/timeline?t=15m')
  await filled(page, QUARTER)
  await page.getByText(/^Live,/).waitFor()
  await pointAtLanes(page)
  const order = (): Promise<(string | null)[]> =>
    page
      .locator('[role=rowheader] .name')
      .evaluateAll((names) => names.slice(0, 10).map(({ textContent }) => textContent))
  const before = await order()
  await page.evaluate(() => ((globalThis as unknown as { shifts: { sum: number } }).shifts.sum = 0))
  await load(site.stack, 60, JOBS_PER_S)
  expect(await order()).toEqual(before)
  expect(await page.evaluate(() => (globalThis as unknown as { shifts: { sum: number } }).shifts.sum)).toBeLessThanOrEqual(0.02) // prettier-ignore
  await visit.close()
}, 120_000)

test('the table lists exactly the runs of the window, and can do what the chart can', async () => {
  const visit = await site.visit()
  const { page } = visit
  const to = Date.now() - 600_000
  const [from, end] = [new Date(to - 60_000).toISOString(), new Date(to).toISOString()]
  await visit.open(`/timeline?view=table&from=${from}&to=${end}`)
  const rows = page.getByRole('region', { name: /^Runs, / })
  await page.getByRole('status').filter({ hasText: /runs?, .* died/ }).first().waitFor() // prettier-ignore
  const { start, run, base, id } = await site.stack.client.timeline.spans({ query: { from, to: end, limit: 200_000 } })
  let at = base
  const touching = id.filter((_id, n) => {
    at += start[n] ?? 0
    return at < to && at + Math.max(0, run[n] ?? 0) >= to - 60_000
  })
  await rows.getByText('media.encode').first().waitFor()
  expect(await page.getByRole('table', { name: 'Runs' }).getAttribute('aria-rowcount')).toBe(
    String(touching.length + 1),
  )
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download CSV' }).click(),
  ])
  const [head = '', ...lines] = readFileSync(await file.path(), 'utf8')
    .trim()
    .split(/\r?\n/)
  const column = head.replace('\uFEFF', '').split(',').indexOf('id')
  expect(lines.map((line) => line.split(',')[column]).sort()).toEqual(touching.sort())
  await page.keyboard.press('n')
  await page.getByRole('region', { name: 'Selected run' }).waitFor()
  for (const name of ['Compare with before', 'Next failure']) await page.getByRole('button', { name }).waitFor()
  await visit.close()
})

test('fifteen charts that are live cost no more than one drawing a frame', async () => {
  const visit = await site.visit({ height: 2_600 })
  const { page } = visit
  await page.goto('/')
  await pause(1_000)
  const idle = await framesOf(page, 3_000)
  await page.goto('/analytics?t=15m')
  await page.getByRole('figure').nth(10).waitFor()
  await pause(3_000)
  const [, frames] = await Promise.all([load(site.stack, 15, JOBS_PER_S), framesOf(page, 14_000)])
  const rest = p(idle.gaps, 0.95)
  console.log(`charts: late frames ${(frames.late * 100).toFixed(1)} %, at rest ${(idle.late * 100).toFixed(1)} %; frame p95 ${p(frames.gaps, 0.95).toFixed(1)} ms, at rest ${rest.toFixed(1)}`) // prettier-ignore
  expect(frames.late).toBeLessThanOrEqual(idle.late + 0.05)
  expect(p(frames.gaps, 0.95)).toBeLessThan(Math.max(25, rest * 1.25))
  expect(visit.mishaps).toEqual([])
  await visit.close()
})
