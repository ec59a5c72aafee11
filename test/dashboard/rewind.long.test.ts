// Whoever drags the now-line back sees how things stood there, can change nothing, and comes back to live.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../support/stack.ts'
import { openSite } from './browser.ts'
import type { Site } from './browser.ts'

const soon = <Value>(value: () => Value) => expect.poll(value, { timeout: 20_000 })
let site: Site
/** The moment of the pause. */
let as_of = ''
beforeAll(async () => {
  site = await openSite()
  const { client } = site.stack
  await client.jobs.create({
    body: { name: 'http.request', data: { url: 'http://127.0.0.1:1/' }, options: { delay_ms: 3_600_000 } },
  })
  await client.queues.pause({ params: { queue: 'http' }, body: { reason: 'upstream is down' } })
  // The recorder keeps a moment in the first round of each minute; this one tells of the pause.
  const told = await until(
    () => client.queues.list({ query: { as_of: new Date().toISOString() } }).catch(() => ({ data: [], as_of: '' })),
    ({ data }) => data.some(({ name, paused }) => name === 'http' && paused),
    90_000,
  )
  as_of = told.as_of ?? ''
  await client.queues.resume({ params: { queue: 'http' } })
}, 180_000)
afterAll(() => site.close())

test('the past is shown tinted and read-only, and left again', async () => {
  const visit = await site.visit()
  const { page } = visit
  await visit.open(`/queues?as_of=${as_of}`)
  const row = page.getByRole('row').filter({ hasText: 'http' }).first()
  await soon(() => row.textContent()).toContain('upstream is down')
  const button = row.getByRole('button', { name: /Resume/ }).first()
  expect(await button.getAttribute('aria-disabled')).toBe('true')
  expect(await button.getAttribute('title')).toContain('Go back to live')
  expect(await page.getByRole('slider', { name: /Now-line/ }).getAttribute('aria-valuetext')).not.toBe('now')
  await page.getByRole('button', { name: 'Compare with now' }).click()
  await soon(() => page.getByRole('dialog').textContent()).toContain('paused')
  await page.keyboard.press('Escape')
  await page.getByRole('link', { name: 'Overview', exact: true }).first().click()
  await soon(() => page.locator('#main').textContent()).toContain('http is paused')
  expect(new URL(page.url()).searchParams.get('as_of')).toBe(as_of)
  await page.getByRole('button', { name: 'Back to live' }).click()
  await soon(() => page.locator('#main').textContent()).not.toContain('http is paused')
  const line = page.getByRole('slider', { name: /Now-line/ })
  await line.focus()
  await page.keyboard.press('Shift+ArrowLeft')
  await soon(() => new URL(page.url()).searchParams.get('as_of')).not.toBeNull()
  await page.keyboard.press('End')
  await soon(() => new URL(page.url()).searchParams.get('as_of')).toBeNull()
  // Of what is not kept it is said once, on the page that would tell it, and the way to what is kept is there.
  const early = new Date(Date.parse(as_of) - 3_600_000).toISOString()
  await visit.open(`/?as_of=${early}`)
  const main = page.locator('#main')
  await soon(() => main.textContent()).toContain('Nothing is kept of that time.')
  expect(await main.textContent()).toMatch(/is kept since \d\d:\d\d:\d\d, /)
  expect(await page.getByRole('alert').count()).toBe(0)
  await page.getByRole('button', { name: 'Look at the oldest moment' }).click()
  await soon(() => main.textContent()).not.toContain('Nothing is kept')
  expect(new URL(page.url()).searchParams.get('as_of')).not.toBe(early)
  expect(visit.mishaps).toEqual([])
  await visit.close()
}, 120_000)
