// The timeline for those who use no mouse, and for those who asked for less motion.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { furnish, openSite } from './browser.ts'
import type { Site } from './browser.ts'
import { pointed } from './keys.ts'
import { p, pause } from './measure.ts'

let site: Site
let there: Awaited<ReturnType<typeof furnish>>

beforeAll(async () => {
  site = await openSite()
  there = await furnish(site.stack)
})
afterAll(() => site.close())

/** What the cell under the focus says. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '')

test('by keys alone a failed run is found, its job retried, and the way back ends on that run', async () => {
  const visit = await site.visit()
  const { page } = visit
  const presses = await pointed(page)
  await visit.open('/')
  await page.keyboard.press('g')
  await page.keyboard.press('t')
  await page.getByRole('heading', { level: 1, name: 'Timeline' }).waitFor()
  await page.getByRole('gridcell').first().waitFor()
  const id = there.dead.slice(there.dead.indexOf(':') + 1)
  const isDead = (label: string): boolean => label.includes(` ${id}, dead letter,`)
  // From afar runs are told together: whoever enters such a cell comes nearer. Other failures come before it in the order the eye reads.
  const isCell = (label: string): boolean => /\d runs?, .*dead letter/.test(label)
  const step = async (): Promise<boolean> => {
    const here = await focused(page)
    if (!isDead(here)) await page.keyboard.press(isCell(here) ? 'Enter' : 'n')
    return isDead(here)
  }
  await expect.poll(step, { interval: 250, timeout: 20_000 }).toBe(true)
  expect(await focused(page)).toContain(id)
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Retry now' }).waitFor()
  expect(new URL(page.url()).pathname).toBe(`/jobs/${encodeURIComponent(there.dead)}`)
  await page.keyboard.press('r')
  await page.getByRole('status', { name: 'Messages' }).getByText('Retry requested.').waitFor()
  await page.evaluate(() => history.back())
  await page.getByRole('heading', { level: 1, name: 'Timeline' }).waitFor()
  // It stands as it stood then: that run is over, whatever came after it.
  await expect.poll(async () => isDead(await focused(page))).toBe(true)
  expect(await presses()).toEqual([])
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
  const follow = page.getByRole('button', { name: 'Follow now' })
  if ((await follow.getAttribute('aria-pressed')) !== 'true') await page.keyboard.press('l')
  await page.locator('[aria-pressed=true]', { hasText: 'Follow now' }).waitFor()
  await pause(3_000)
}

test('with reduced motion the live edge moves once a second, and many times a second otherwise', async () => {
  for (const reducedMotion of ['reduce', 'no-preference'] as const) {
    const visit = await site.visit({ reducedMotion })
    const { page } = visit
    await visit.open('/timeline?t=15m')
    await closeUp(page)
    const times = await drawnAt(page, 8_000)
    // A step may take two drawings, one right after the other.
    const steps = times.filter((time, index) => time - (times[index - 1] ?? 0) > 100)
    const gaps = steps.slice(1).map((time, index) => time - (steps[index] ?? 0))
    console.log(`${reducedMotion}: ${times.length} drawings, ${gaps.map(Math.round).join(' ')}`)
    if (reducedMotion === 'reduce') {
      expect(steps.length).toBeGreaterThan(3)
      expect(steps.length).toBeLessThanOrEqual(9)
      expect(p(gaps, 0.5)).toBeGreaterThan(900)
      expect(await page.evaluate(() => document.getAnimations().length)).toBe(0)
    } else expect(times.length).toBeGreaterThan(80)
    await visit.close()
  }
})
