// The table of the timeline beside its chart: the same runs, and everything that can be done with them.
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { shortId } from '../../dashboard/ui/format.ts'
import { filled } from './measure.ts'
import type { Site } from './browser.ts'
import { heldByChart } from './paints.ts'
import { openBusy } from './seeding.ts'

let site: Site
/** A minute in which all runs have long been told. */
let window: { from: string; to: string }

beforeAll(async () => {
  site = await openBusy()
  const to = Date.now() - 600_000
  window = { from: new Date(to - 60_000).toISOString(), to: new Date(to).toISOString() }
}, 180_000)
afterAll(() => site.close())

/** Runs as `queue:id#attempt`, sorted, as the table's file lists them. */
const listed = async (page: Page): Promise<string[]> => {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download CSV' }).click(),
  ])
  const [head = '', ...lines] = readFileSync(await file.path(), 'utf8')
    .trim()
    .split(/\r?\n/)
  const columns = head.replace('\uFEFF', '').split(',')
  const [queue, id, attempt] = ['queue', 'id', 'attempt'].map((name) => columns.indexOf(name)) as [number, number, number] // prettier-ignore
  return lines
    .map((line) => line.split(','))
    .map((cells) => `${cells[queue]}:${cells[id]}#${cells[attempt]}`)
    .sort()
}

/** Those that the API tells of the window. */
const told = async (): Promise<string[]> => {
  const query = { ...window, limit: 200_000 }
  const { start, run, base, id, queue, queues, attempt } = await site.stack.client.timeline.spans({ query })
  const [from, to] = [Date.parse(window.from), Date.parse(window.to)]
  let at = base
  const touching = id.map((_id, n) => {
    at += start[n] ?? 0
    return at < to && at + Math.max(0, run[n] ?? 0) >= from
  })
  return id
    .map((one, n) => `${queues[queue[n] ?? 0]}:${one}#${attempt[n]}`)
    .filter((_key, n) => touching[n])
    .sort()
}

/** The link of the window as a chart, once its runs are drawn. */
const openChart = async (page: Page, runs: number): Promise<void> => {
  await page.goto(`/timeline?from=${window.from}&to=${window.to}`)
  await filled(page, runs)
}
/** From the chart to the table, or back. */
const turn = async (page: Page, to: 'Chart' | 'Table'): Promise<void> => {
  await page.getByRole('radio', { name: to, exact: true }).check()
  await (to === 'Table' ? page.getByRole('table', { name: 'Runs' }) : page.getByRole('grid')).waitFor()
}

test('the table lists exactly the runs of the window, which are those that the chart holds', async () => {
  const visit = await site.visit()
  const { page } = visit
  const touching = await told()
  expect(touching.length).toBeGreaterThan(1_000)
  await openChart(page, touching.length)
  expect(await heldByChart(page)).toEqual(touching)
  await turn(page, 'Table')
  await page
    .getByRole('region', { name: 'Marked runs' })
    .getByText(/runs?, .* died/)
    .waitFor()
  await page.getByRole('region', { name: /^Runs, / }).getByText('media.encode').first().waitFor() // prettier-ignore
  const table = page.getByRole('table', { name: 'Runs' })
  expect(await table.getAttribute('aria-rowcount')).toBe(String(touching.length + 1))
  expect(await listed(page)).toEqual(touching)
  // Another window, typed: what the table holds then the chart holds too.
  const from = page.getByLabel('From', { exact: true })
  const later = Date.parse(`${await from.inputValue()}Z`) + 20_000
  await from.fill(new Date(later).toISOString().slice(0, 19))
  await expect.poll(() => table.getAttribute('aria-rowcount')).not.toBe(String(touching.length + 1))
  const fewer = await listed(page)
  expect(fewer.length).toBeGreaterThan(500)
  expect(fewer.length).toBeLessThan(touching.length)
  await turn(page, 'Chart')
  await expect.poll(() => heldByChart(page)).toEqual(fewer)
  await visit.close()
})

/** What only the chart offers, and what there is in its place. */
const IN_PLACE = {
  'Window before': 'From and To',
  'Window after': 'From and To',
  Earlier: 'From and To',
  Later: 'From and To',
  'Zoom out': 'From and To',
  'Zoom in': 'From and To',
  Fit: 'From and To',
  'Zoom to it': 'what is listed is what is marked',
  'Mark area': 'what is listed is what is marked',
  'Let the mark go': 'what is listed is what is marked',
  'Open as list': 'it is the list',
  Group: 'rows are sorted by a column',
  Sort: 'rows are sorted by a column',
  Colour: 'columns say it',
  'Fold idle time': 'a table has no idle time',
  'Wheel zooms': 'the wheel scrolls the rows',
}

/** Names of all that can be pressed or filled in beside the runs themselves. */
const offered = (page: Page): Promise<string[]> =>
  page.locator('#main').evaluate((main) => {
    const parts = [...main.querySelectorAll('button, a[href], select, input')]
    const names = parts
      .filter((part) => !part.closest('[role=grid], [role=table]'))
      .map((part) => {
        const label = part.closest('label') ?? main.querySelector(`label[for="${part.id}"]`)
        const words = part.matches('select, input') ? label?.firstChild?.textContent?.trim() || label?.textContent : part.textContent // prettier-ignore
        return (part.getAttribute('aria-label') ?? words ?? '').trim().replace(/ \(\w\)$/, '')
      })
    return [...new Set(names)].sort()
  })

const choose = async (page: Page, item: RegExp): Promise<void> => {
  await page.getByRole('button', { name: 'More for the timeline' }).click()
  await page.getByRole('menuitem', { name: item }).click()
}

/** What all comes to that can be done with the runs of the window and with the chosen one. */
const done = async (page: Page): Promise<Record<string, string | null>> => {
  const marked = page.getByRole('region', { name: 'Marked runs' })
  const chosen = page.getByRole('region', { name: 'Selected run' })
  const dialog = page.getByRole('dialog')
  await choose(page, /^Summary of the window/)
  const summary = await page.locator('p.said').textContent()
  await choose(page, /^Add a note/)
  const note = await dialog.getByRole('heading').textContent()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })
  await marked.getByRole('button', { name: /^Retry [\d,]+…$/ }).click()
  await dialog.getByText(/removed since/).waitFor()
  const retry = await dialog.textContent()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await marked.getByRole('button', { name: 'Compare with before' }).click()
  const compared = await marked.getByRole('table').textContent()
  return {
    ...{ summary, note, retry, compared, marked: await marked.locator('p.words').textContent() },
    chosen: await chosen.locator('dl').textContent(),
    job: await chosen.getByRole('link', { name: 'Open job' }).getAttribute('href'),
  }
}

test('all that the chart offers for its runs the table offers too, and it comes to the same', async () => {
  const visit = await site.visit()
  const { page } = visit
  const chosen = page.getByRole('region', { name: 'Selected run' })
  await openChart(page, 1_000)
  await page.getByRole('button', { name: 'Next failure' }).click()
  await page.keyboard.press('o')
  await chosen.waitFor()
  await page.keyboard.press('b')
  await page.getByRole('region', { name: 'Marked runs' }).waitFor()
  const [onChart, asChart] = [await offered(page), await done(page)]
  await turn(page, 'Table')
  const [inTable, asTable] = [await offered(page), await done(page)]
  // The way to now tells how many runs came since, if any did; From and To lead there too.
  const onlyOnChart = onChart.filter((name) => !inTable.includes(name) && !name.startsWith('Now ▸'))
  expect(onlyOnChart).toEqual(Object.keys(IN_PLACE).sort())
  expect(asTable).toEqual(asChart)
  // The next one that went wrong is chosen and has the focus; its key opens the same job as the button beside it.
  for (const name of ['Next failure', 'Failure before', 'Next failure']) {
    const before = await chosen.textContent()
    await page.getByRole('button', { name, exact: true }).click()
    await expect.poll(() => chosen.textContent()).not.toBe(before)
    expect(await chosen.textContent()).toMatch(/failed|dead|retr/i)
  }
  const row = page.getByRole('row').filter({ has: page.locator(':focus') })
  expect(await row.getAttribute('aria-current')).toBe('true')
  // A run of another row is chosen by pressing it.
  const other = page.locator('[role=row][aria-rowindex]:not([aria-current]) button.run').last()
  const id = await other.locator('.id').textContent()
  await other.click()
  await expect.poll(() => chosen.textContent()).toContain(id ?? 'no id')
  const href = await chosen.getByRole('link', { name: 'Open job' }).getAttribute('href')
  await page.keyboard.press('o')
  await page.waitForURL(({ pathname }) => pathname === href?.split('?')[0])
  expect(visit.mishaps).toEqual([])
  await visit.close()
})

/** The table of the last quarter of an hour, which goes with the time. */
const openFollowing = async (page: Page) => {
  await page.goto('/timeline?view=table&t=15m')
  const to = page.getByLabel('To', { exact: true })
  const follows = page.getByRole('button', { name: 'Follow now' })
  await follows.and(page.locator('[aria-pressed=true]')).waitFor()
  const moves = async (): Promise<void> => {
    const before = await to.inputValue()
    await expect.poll(() => to.inputValue()).not.toBe(before)
  }
  await moves()
  /** Once three seconds are gone, as the page's own clock tells: the window has gone on or has not. */
  const passes = async (): Promise<void> => {
    const began = await page.evaluate(() => performance.now())
    await page.waitForFunction((at) => performance.now() - at > 3_000, began)
  }
  return { to, follows, moves, passes }
}

test('the table goes with the time as the chart does, until a moment is typed', async () => {
  const visit = await site.visit()
  const { page } = visit
  const { to, follows, moves, passes } = await openFollowing(page)
  const before = await to.inputValue()
  await to.fill(before)
  await follows.and(page.locator('[aria-pressed=false]')).waitFor()
  await passes()
  expect(await to.inputValue()).toBe(before)
  await follows.click()
  await moves()
  await page.keyboard.press('l')
  await follows.and(page.locator('[aria-pressed=false]')).waitFor()
  expect(visit.mishaps).toEqual([])
  await visit.close()
})

test('while somebody is in its rows or types a moment the table stays as it is, and says how many came', async () => {
  const visit = await site.visit()
  const { page } = visit
  const { to, moves, passes } = await openFollowing(page)
  const rows = page.getByRole('region', { name: /^Runs, / })
  await rows.hover()
  const [before, held] = [await to.inputValue(), await rows.getAttribute('aria-label')]
  const data = { title: 'Now', takes_ms: 5 }
  const { id } = await site.stack.client.jobs.create({ body: { name: 'demo.report', data } })
  const news = page.getByRole('button', { name: /^Show \d+ new$/ })
  await news.waitFor()
  await passes()
  expect([await to.inputValue(), await rows.getAttribute('aria-label')]).toEqual([before, held])
  await news.click()
  await page.getByRole('table', { name: 'Runs' }).getByText(shortId(id.slice(id.indexOf(':') + 1), 14)).waitFor() // prettier-ignore
  await expect.poll(() => news.count()).toBe(0)
  await moves()
  await to.focus()
  const typed = await to.inputValue()
  await passes()
  expect(await to.inputValue()).toBe(typed)
  await page.locator('h1').click()
  await moves()
  expect(visit.mishaps).toEqual([])
  await visit.close()
})

test('what is compared in a table that goes with the time stays to be read, and a run that goes on stays in it', async () => {
  const visit = await site.visit()
  const { page } = visit
  const { id } = await site.stack.client.jobs.create({ body: { name: 'demo.report', data: { title: 'Long', takes_ms: 60_000 } } }) // prettier-ignore
  const { moves, passes } = await openFollowing(page)
  const marked = page.getByRole('region', { name: 'Marked runs' })
  await marked.getByRole('button', { name: 'Compare with before' }).click()
  await marked.getByRole('table').waitFor()
  const compared = await marked.getByRole('table').textContent()
  await moves()
  await passes()
  expect(await marked.getByRole('table').textContent()).toBe(compared)
  // A window of two seconds goes on past the beginning of the run.
  const now = Date.now()
  const seconds = { from: new Date(now - 2_000).toISOString(), to: new Date(now).toISOString() }
  await page.goto(`/timeline?view=table&from=${seconds.from}&to=${seconds.to}`)
  await page.getByRole('button', { name: 'Follow now' }).click()
  await moves()
  await passes()
  expect(await page.getByRole('table', { name: 'Runs' }).textContent()).toContain(shortId(id.slice(id.indexOf(':') + 1), 14)) // prettier-ignore
  await visit.close()
})

test('runs that cannot be had are not told as none', async () => {
  const visit = await site.visit()
  const { page } = visit
  const link = `/timeline?view=table&from=${window.from}&to=${window.to}`
  await page.goto(link)
  await page.getByRole('region', { name: /^Runs, [1-9]/ }).waitFor()
  const shut = ({ pathname }: URL): boolean => pathname.includes('/timeline/spans')
  await page.route(shut, (route) => route.abort())
  // First a window beside one that is known, then the page as it opens.
  const from = page.getByLabel('From', { exact: true })
  const to = page.getByLabel('To', { exact: true })
  const isNotKnown = async (): Promise<void> => {
    await page.getByRole('region', { name: 'Runs', exact: true }).getByText('What ran here is not known.').waitFor()
    expect(await page.locator('#main').textContent()).not.toMatch(/\b(0|no) (runs|rows)/i)
  }
  const earlier = Date.parse(window.from) - 1_200_000
  await from.fill(new Date(earlier).toISOString().slice(0, 19))
  await to.fill(new Date(earlier + 60_000).toISOString().slice(0, 19))
  await expect.poll(() => page.url()).toContain(new Date(earlier).toISOString().slice(0, 16))
  await isNotKnown()
  await page.goto(link)
  await isNotKnown()
  await page.unroute(shut)
  // A page asks again by itself just after it was opened, and may have done so by now.
  await page
    .getByRole('button', { name: 'Try again' })
    .click({ timeout: 2_000 })
    .catch(() => undefined)
  await page.getByRole('region', { name: /^Runs, [1-9]/ }).waitFor()
  await visit.close()
})
