// What the page says of the runs that are marked, which in the table are all of them: no more than is known, and what can be done.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { furnish, openSite } from './browser.ts'
import type { Site } from './browser.ts'
import { shortId } from '../../dashboard/ui/format.ts'

let site: Site

beforeAll(async () => {
  site = await openSite()
  await furnish(site.stack)
}, 180_000)
afterAll(() => site.close())

const MINUTE = 60_000
/** Part of a link: from so many minutes ago to so many. */
const span = (from: number, to: number): string => {
  const at = (minutes: number): string => new Date(Date.now() - minutes * MINUTE).toISOString()
  return `from=${at(from)}&to=${at(to)}`
}
const marked = (page: Page) => {
  const region = page.getByRole('region', { name: 'Marked runs' })
  return {
    region,
    words: region.locator('p.words strong'),
    status: region.locator('p[role=status]').first(),
    retry: region.getByRole('button', { name: /^Retry / }),
    compare: region.getByRole('button', { name: 'Compare with before' }),
    table: region.getByRole('table'),
  }
}
/** Marks all that the chart shows. */
const markAll = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'Mark area' }).waitFor()
  await page.keyboard.press('b')
  await marked(page).region.waitFor()
}
const run = (title: string, takes_ms = 5) =>
  site.stack.client.jobs.create({ body: { name: 'demo.report', data: { title, takes_ms } } })

/** What the link says of the window. */
const linked = (page: Page): (string | null)[] =>
  ['from', 'to'].map((name) => new URL(page.url()).searchParams.get(name))

test('a window that no longer goes with the time stands in the link, whatever ended that', async () => {
  const visit = await site.visit()
  const { page } = visit
  const follows = page.getByRole('button', { name: 'Follow now' })
  const [on, off] = ['true', 'false'].map((is) => follows.and(page.locator(`[aria-pressed=${is}]`)))
  for (const view of ['table', 'chart']) {
    for (const end of ['button', 'l', 'n']) {
      await page.goto(`/timeline?view=${view}&t=15m`)
      await on?.waitFor()
      await page.locator('[aria-rowindex] button, [role=gridcell]').first().waitFor()
      if (end === 'button') await follows.click()
      else await page.keyboard.press(end)
      await off?.waitFor()
      await expect
        .poll(() => linked(page), { message: `${view} ${end}` })
        .toEqual([expect.any(String), expect.any(String)])
      await follows.click()
      await on?.waitFor()
      await expect.poll(() => linked(page), { message: `${view} ${end}` }).toEqual([null, null])
    }
  }
  // Whoever comes back from the job of a failure finds the window that it was in.
  await page.goto('/timeline?view=table&t=15m')
  await page.locator('[aria-rowindex] button').first().waitFor()
  await page.keyboard.press('n')
  await page
    .getByRole('row')
    .filter({ has: page.locator(':focus') })
    .waitFor()
  const shown = await page.getByLabel('To', { exact: true }).inputValue()
  await page.keyboard.press('o')
  await page.waitForURL(/\/jobs\//)
  await page.goBack()
  await off?.waitFor()
  expect(await page.getByLabel('To', { exact: true }).inputValue()).toBe(shown)
  expect(linked(page)).toEqual([expect.any(String), expect.any(String)])
  await visit.close()
})

test.each(['points at them', 'types a moment'])(
  'while somebody %s rows stay, and so does what is said of new ones, also where runs are read anew',
  async (holds) => {
    const visit = await site.visit()
    const { page } = visit
    const { compare, table } = marked(page)
    await page.goto('/timeline?view=table&t=15m')
    const rows = page.getByRole('region', { name: /^Runs, / })
    await page.locator('[aria-rowindex] button').first().waitFor()
    await compare.and(page.locator(':not([aria-disabled])')).waitFor()
    const to = page.getByLabel('To', { exact: true })
    await (holds === 'points at them' ? rows.hover() : to.focus())
    const seen = async (): Promise<unknown> => [
      await to.inputValue(),
      await rows.getAttribute('aria-label'),
      await page.locator('[aria-rowindex] .id').allTextContents(),
    ]
    const before = await seen()
    await run('New')
    const news = page.getByRole('button', { name: /^Show \d+ new$/ })
    await news.waitFor()
    // Pressed without a pointer and without the focus, which stay where they are.
    await compare.evaluate((button: HTMLElement) => button.click())
    await table.waitFor()
    expect(await seen()).toEqual(before)
    expect(await news.count()).toBe(1)
    await news.click()
    await expect.poll(seen).not.toEqual(before)
    await visit.close()
  },
)

test('a row says what its run is by now, also while somebody points at it', async () => {
  const visit = await site.visit()
  const { page } = visit
  await page.goto('/timeline?view=table&t=15m')
  for (const isHeld of [false, true]) {
    const { id } = await run('Long', 4_000)
    const row = page.getByRole('row').filter({ hasText: shortId(id.slice(id.indexOf(':') + 1), 14) })
    await row.filter({ hasText: 'still running' }).waitFor()
    if (isHeld) await row.hover()
    await row.filter({ hasText: /Done.*4\.\d s/ }).waitFor()
  }
  await visit.close()
})
