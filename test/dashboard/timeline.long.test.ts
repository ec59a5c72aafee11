// The timeline and the charts under load: how soon they are there, how smoothly they move, how late what they show is. Frames are
// judged beside an idle page on the same machine, measured first.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chartDrawings, stampChartDrawings } from './paints.ts'
import { JOBS_PER_S, filled, firstPicture, framesOf, load, p, pause, stampFirstPicture } from './measure.ts'
import type { Frames } from './measure.ts'
import { HOUR, QUARTER, openBusy } from './seeding.ts'
import type { Site } from './browser.ts'

let site: Site

beforeAll(async () => {
  site = await openBusy()
}, 180_000)
afterAll(() => site.close())

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

test('fifteen charts that are live cost no more than one drawing a frame', async () => {
  const visit = await site.visit({ height: 2_600 })
  const { page } = visit
  await stampChartDrawings(page)
  await page.goto('/')
  await pause(1_000)
  const idle = await framesOf(page, 3_000)
  await page.goto('/analytics?t=15m')
  await page.getByRole('figure').nth(10).waitFor()
  await pause(3_000)
  await chartDrawings(page)
  const [, frames] = await Promise.all([load(site.stack, 60, JOBS_PER_S), framesOf(page, 59_000)])
  const { charts, drawings, most } = await chartDrawings(page)
  const rest = p(idle.gaps, 0.95)
  console.log(`charts: ${drawings} drawings of ${charts} charts in ${frames.gaps.length} frames, ${most} in one at most; late frames ${(frames.late * 100).toFixed(1)} %, at rest ${(idle.late * 100).toFixed(1)} %; frame p95 ${p(frames.gaps, 0.95).toFixed(1)} ms, at rest ${rest.toFixed(1)}`) // prettier-ignore
  expect(charts).toBeGreaterThanOrEqual(8)
  // Each has something else to draw every few seconds.
  expect(drawings).toBeGreaterThan(8 * 5)
  expect(most).toBe(1)
  expect(frames.late).toBeLessThanOrEqual(idle.late + 0.05)
  expect(p(frames.gaps, 0.95)).toBeLessThan(Math.max(25, rest * 1.25))
  expect(visit.mishaps).toEqual([])
  await visit.close()
}, 150_000)
