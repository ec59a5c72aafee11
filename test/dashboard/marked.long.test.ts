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

test('a window that is told in counts is not said to hold nothing before they came, nor where they cannot be had', async () => {
  const visit = await site.visit()
  const { page } = visit
  const { words, retry, compare, status } = marked(page)
  const cells = '**/timeline/cells*'
  const goes = Promise.withResolvers<undefined>()
  await page.route(cells, async (route) => {
    await goes.promise
    await route.abort()
  })
  await page.goto(`/timeline?view=table&${span(1_800, 1_740)}`)
  await words.waitFor()
  expect(await words.textContent()).toBe('Loading the runs of this window…')
  expect(await retry.getAttribute('title')).toBe('Loading the runs of this window…')
  goes.resolve(undefined)
  await expect.poll(() => words.textContent()).toBe('What ran here is not known.')
  expect(await retry.getAttribute('title')).toBe('What ran here is not known.')
  expect(await compare.getAttribute('aria-disabled')).toBe('true')
  await page.goto(`/timeline?${span(1_800, 1_740)}`)
  await page.getByRole('button', { name: 'Try again' }).waitFor()
  await markAll(page)
  expect(await words.textContent()).toBe('What ran here is not known.')
  expect(await status.textContent()).toMatch(/^What ran here is not known\., /)
  await page.unroute(cells)
  // A page asks again by itself too, and may have done so by now.
  await page
    .getByRole('button', { name: 'Try again' })
    .click({ timeout: 2_000 })
    .catch(() => undefined)
  await expect.poll(() => status.textContent()).toMatch(/^0 runs, 0 died, /)
  // Those of another window say nothing of this one.
  await page.goto(`/timeline?view=table&${span(1_800, 1_740)}`)
  await expect.poll(() => words.textContent()).toBe('0 runs, 0 died')
  await page.route(cells, () => undefined)
  const from = page.getByLabel('From', { exact: true })
  await from.fill(new Date(Date.now() - 2_400 * MINUTE).toISOString().slice(0, 19))
  await expect.poll(() => words.textContent()).toBe('Loading the runs of this window…')
  await page.unroute(cells)
  // Counts are by queue alone.
  for (const view of ['chart', 'table']) {
    await page.goto(`/timeline?view=${view}&group=worker&${span(1_800, 1_740)}`)
    if (view === 'chart') await markAll(page)
    await expect.poll(() => words.textContent()).toMatch(/^These runs are told in counts: /)
    expect(await retry.getAttribute('title')).toMatch(/^These runs are told in counts: /)
  }
  await visit.close()
})

test('what is marked on the chart before its runs came is said once they did, and is compared then', async () => {
  const visit = await site.visit()
  const { page } = visit
  const { words, retry, compare, status } = marked(page)
  const comes = Promise.withResolvers<undefined>()
  await page.route('**/timeline/spans*', async (route) => {
    await comes.promise
    await route.continue()
  })
  await page.goto(`/timeline?${span(30, 0)}`)
  await markAll(page)
  expect(await words.textContent()).toBe('Loading the runs of this window…')
  expect(await status.textContent()).toMatch(/^Loading the runs of this window…, /)
  expect(await retry.getAttribute('title')).toBe('Loading the runs of this window…')
  expect(await compare.getAttribute('aria-disabled')).toBe('true')
  comes.resolve(undefined)
  await expect.poll(() => status.textContent()).toMatch(/^[1-9]\d* runs, [1-9]\d* died/)
  expect(await status.textContent()).toContain(await words.textContent())
  expect(await compare.getAttribute('aria-disabled')).toBe(null)
  await visit.close()
})

test('what is said of the window is of all of it, though less is known than of what is marked', async () => {
  const visit = await site.visit()
  const { page } = visit
  const { words } = marked(page)
  await page.goto(`/timeline?${span(30, 0)}`)
  await markAll(page)
  await expect.poll(() => words.textContent()).toMatch(/^[1-9]\d* runs/)
  const counted = await words.textContent()
  await page.route('**/timeline/spans*', () => undefined)
  const said = page.locator('p.said')
  for (const key of ['v', 'n']) {
    await page.getByRole('button', { name: 'Earlier', exact: true }).click()
    await page.keyboard.press(key)
    await expect.poll(() => said.textContent()).toBe('Loading the runs of this window…')
  }
  expect(await words.textContent()).toBe(counted)
  await visit.close()
})

test('counts that are there are told though they could not be read again', async () => {
  const visit = await site.visit()
  const { page } = visit
  const { words } = marked(page)
  await page.goto(`/timeline?view=table&${span(1_800, 1_740)}`)
  await expect.poll(() => words.textContent()).toBe('0 runs, 0 died')
  await page.route('**/timeline/cells*', (route) => route.abort())
  await page.getByLabel('From', { exact: true }).fill(new Date(Date.now() - 1_799 * MINUTE).toISOString().slice(0, 19))
  await page.getByRole('button', { name: 'Try again' }).waitFor()
  expect(await words.textContent()).toBe('0 runs, 0 died')
  await visit.close()
})

test('what is marked is read out once, however the search changes', async () => {
  const visit = await site.visit()
  const { page } = visit
  const { words, status } = marked(page)
  await page.goto(`/timeline?${span(30, -30)}`)
  await page.getByRole('gridcell').first().waitFor()
  await markAll(page)
  const [counted, said] = [await words.textContent(), await status.textContent()]
  await run('One more')
  await expect.poll(() => words.textContent()).not.toBe(counted)
  await page.getByLabel('Colour').selectOption('status')
  await page.waitForURL(/color=status/)
  expect(await status.textContent()).toBe(said)
  await visit.close()
})

test('a comparison goes on with what is marked, stays when a run is chosen, and goes when something else is marked', async () => {
  const visit = await site.visit()
  const { page } = visit
  const { words, compare, table } = marked(page)
  const runs = async (): Promise<string> =>
    `${await table.getByRole('row', { name: /^Runs/ }).getByRole('cell').first().textContent()} runs`
  await page.goto(`/timeline?view=table&${span(30, -30)}`)
  await compare.and(page.locator(':not([aria-disabled])')).click()
  await table.waitFor()
  const headline = async (): Promise<string | undefined> => (await words.textContent())?.split(',')[0]
  const isSame = async (): Promise<boolean> => (await runs()) === (await headline())
  await expect.poll(isSame).toBe(true)
  const counted = await headline()
  await run('Another')
  await expect.poll(headline).not.toBe(counted)
  await expect.poll(isSame).toBe(true)
  await page.locator('[role=row][aria-rowindex] button.run').first().click()
  await page.getByRole('region', { name: 'Selected run' }).waitFor()
  expect(await table.count()).toBe(1)
  const to = page.getByLabel('To', { exact: true })
  await to.fill(new Date(Date.now() + 20 * MINUTE).toISOString().slice(0, 19))
  await expect.poll(() => table.count()).toBe(0)
  await visit.close()
})

test('a time before of which runs are no longer kept is not told as one in which nothing ran', async () => {
  const visit = await site.visit()
  const { page } = visit
  const { words, compare } = marked(page)
  await page.goto(`/timeline?view=table&${span(900, 0)}`)
  await expect.poll(() => words.textContent()).toMatch(/^[1-9]\d* runs/)
  expect(await compare.getAttribute('title')).toBe('What ran before that is kept in counts only')
  await visit.close()
})

test('a comparison that failed is asked for again as it was', async () => {
  const visit = await site.visit()
  const { page } = visit
  const { compare, region, table } = marked(page)
  await page.goto('/timeline?view=table&t=5m')
  await page.getByRole('region', { name: /^Runs, / }).waitFor()
  const asked: (string | null)[] = []
  const spans = '**/timeline/spans*'
  await page.route(spans, (route) => {
    asked.push(new URL(route.request().url()).searchParams.get('from'))
    return route.abort()
  })
  const to = page.getByLabel('To', { exact: true })
  await compare.and(page.locator(':not([aria-disabled])')).click()
  const again = region.getByRole('button', { name: 'Try again' })
  await again.waitFor()
  const before = await to.inputValue()
  await expect.poll(() => to.inputValue()).not.toBe(before)
  await page.unroute(spans)
  const [request] = await Promise.all([page.waitForRequest(spans), again.click()])
  expect([new URL(request.url()).searchParams.get('from')]).toEqual(asked.slice(0, 1))
  await table.waitFor()
  await visit.close()
})

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

test('after a minute without a network rows under the pointer stay, and those that came meanwhile are offered', async () => {
  const visit = await site.visit()
  const { page } = visit
  await page.goto('/timeline?view=table&t=15m')
  const rows = page.getByRole('region', { name: /^Runs, / })
  await page.locator('[aria-rowindex] button').first().waitFor()
  await page.getByText(/^Live,/).waitFor()
  await rows.hover()
  const ids = page.locator('[aria-rowindex] .id')
  const before = await ids.allTextContents()
  await visit.context.setOffline(true)
  const offAt = Date.now()
  await run('Unheard')
  await expect.poll(() => Date.now() - offAt, { timeout: 60_000 }).toBeGreaterThan(50_000)
  const read = page.waitForResponse(/\/timeline\/spans/)
  await visit.context.setOffline(false)
  await (await read).finished()
  const news = page.getByRole('button', { name: /^Show \d+ new$/ })
  await news.waitFor()
  expect(await ids.allTextContents()).toEqual(before)
  await news.click()
  await expect.poll(() => ids.allTextContents()).not.toEqual(before)
  await visit.close()
}, 120_000)

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
