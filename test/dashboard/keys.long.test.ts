// The timeline for those who use no mouse, and for those who asked for less motion.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { furnish, openSite } from './browser.ts'
import type { Site } from './browser.ts'
import { pause } from './measure.ts'

let site: Site
let there: Awaited<ReturnType<typeof furnish>>

beforeAll(async () => {
  site = await openSite()
  there = await furnish(site.stack)
})
afterAll(() => site.close())

/** Notes every press of a mouse, a finger or a pen. */
const stampPresses = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    const presses: string[] = []
    Object.assign(globalThis, { presses })
    for (const type of ['pointerdown', 'mousedown', 'touchstart'])
      addEventListener(type, ({ target }) => presses.push(`${type} ${String(target)}`), { capture: true })
  })

/** What the cell under the focus says. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '')

test('by keys alone a failed run is found, its job retried, and the way back ends on that run', async () => {
  const visit = await site.visit()
  const { page } = visit
  await stampPresses(page)
  await visit.open('/')
  await page.keyboard.press('g')
  await page.keyboard.press('t')
  await page.getByRole('heading', { level: 1, name: 'Timeline' }).waitFor()
  await page.getByRole('gridcell').first().waitFor()
  // Other failures come before it in the order the eye reads.
  const isDead = (label: string): boolean => label.includes(there.dead) && label.includes('failed')
  for (let press = 0; press < 30 && !isDead(await focused(page)); press++) {
    const before = await focused(page)
    await page.keyboard.press('n')
    await page.waitForFunction((old) => (document.activeElement?.getAttribute('aria-label') ?? '') !== old, before)
  }
  const run = await focused(page)
  expect(run).toContain(there.dead)
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Retry now' }).waitFor()
  expect(new URL(page.url()).pathname).toBe(`/jobs/${encodeURIComponent(there.dead)}`)
  await page.keyboard.press('r')
  await page.getByRole('status', { name: 'Messages' }).getByText('Retry requested.').waitFor()
  await page.evaluate(() => history.back())
  await page.getByRole('heading', { level: 1, name: 'Timeline' }).waitFor()
  const which = (label: string): string => /run \S+/.exec(label)?.[0] ?? label
  await expect.poll(async () => which(await focused(page))).toBe(which(run))
  expect(await page.evaluate(() => (globalThis as unknown as { presses: string[] }).presses)).toEqual([])
  expect(visit.mishaps).toEqual([])
  await visit.close()
})

/** When the chart was drawn in some seconds, in ms. */
const drawnAt = (page: Page, ms: number): Promise<number[]> =>
  page.evaluate(
    (length) =>
      new Promise<number[]>((resolve) => {
        const canvas = document.querySelector<HTMLCanvasElement & { drawings?: number }>('canvas')
        const times: number[] = []
        const began = performance.now()
        let drawings = canvas?.drawings
        const look = (now: number): void => {
          if (canvas?.drawings !== drawings) times.push(now)
          drawings = canvas?.drawings
          if (now - began < length) requestAnimationFrame(look)
          else resolve(times)
        }
        requestAnimationFrame(look)
      }),
    ms,
  )

/** Half a minute before now, in which the live edge moves by many pixels a second. */
const closeUp = async (page: Page): Promise<void> => {
  await page.getByRole('gridcell').first().focus()
  for (let press = 0; press < 5; press++) await page.keyboard.press('+')
  await page.keyboard.press('l')
  await page.keyboard.press('l')
  await pause(3_000)
}

test('with reduced motion the live edge moves once a second, and many times a second otherwise', async () => {
  for (const reducedMotion of ['reduce', 'no-preference'] as const) {
    const visit = await site.visit({ reducedMotion })
    const { page } = visit
    await visit.open('/timeline?t=15m')
    await closeUp(page)
    const times = await drawnAt(page, 8_000)
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0))
    console.log(`${reducedMotion}: ${times.length} drawings, ${gaps.map(Math.round).join(' ')}`)
    if (reducedMotion === 'reduce') {
      expect(times.length).toBeGreaterThan(3)
      expect(Math.min(...gaps)).toBeGreaterThan(900)
      expect(await page.evaluate(() => document.getAnimations().length)).toBe(0)
    } else expect(times.length).toBeGreaterThan(16)
    await visit.close()
  }
})
