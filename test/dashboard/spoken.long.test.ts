// What is read out while a fleet is busy: little enough to be listened to, and once what matters. A screen reader speaks when the
// text of a live region changes, so that is what is counted.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { furnish, openSite } from './browser.ts'
import type { Site, Visit } from './browser.ts'
import { load, pause } from './measure.ts'

const SECONDS = 60
/** 10,000 events a minute: each job is told when it begins and when it ends. */
const JOBS_PER_S = 84
const PAGES = ['/', '/timeline', '/timeline?view=table', '/jobs', '/queues', '/workers'] as const
const SERVICE = 'geo.example'
let site: Site
let visits: Visit[]

/** Notes what live regions come to say from now on, and when. */
const listen = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const spoken: { at: number; text: string }[] = []
    const last = new Map<Element, string>()
    const live = '[role=status], [role=alert], [role=log], [aria-live=polite], [aria-live=assertive]'
    const hear = (): void => {
      for (const region of document.querySelectorAll(live)) {
        const text = region.textContent.trim()
        if (region.getAttribute('aria-live') !== 'off' && text !== '' && last.get(region) !== text)
          spoken.push({ at: Date.now(), text })
        last.set(region, text)
      }
    }
    hear()
    spoken.length = 0
    new MutationObserver(hear).observe(document.body, { subtree: true, childList: true, characterData: true })
    Object.assign(globalThis, { spoken })
  })

const spokenOn = (page: Page): Promise<{ at: number; text: string }[]> =>
  page.evaluate(() => (globalThis as unknown as { spoken: { at: number; text: string }[] }).spoken.splice(0))

beforeAll(async () => {
  site = await openSite()
  await furnish(site.stack)
  await site.stack.client.services.create({ body: { name: SERVICE } })
  visits = await Promise.all(PAGES.map(() => site.visit()))
  for (const [place, visit] of visits.entries()) {
    await visit.open(PAGES[place] ?? '/')
    await visit.page.getByText(/^Live,/).waitFor()
  }
  // What comes up with a page, such as that it is live by now, is over.
  await pause(3_000)
}, 180_000)
afterAll(() => site.close())

test('a minute of 10,000 events is six sentences at most on any page', async () => {
  for (const { page } of visits) await listen(page)
  const added = await load(site.stack, SECONDS, JOBS_PER_S)
  expect(added).toBeGreaterThan(SECONDS * JOBS_PER_S * 0.9)
  for (const [place, { page }] of visits.entries()) {
    const spoken = await spokenOn(page)
    console.log(`${PAGES[place]}: ${spoken.map(({ text }) => text).join(' | ') || 'nothing'}`)
    expect.soft(spoken.length, PAGES[place]).toBeLessThanOrEqual(6)
  }
}, 120_000)

test('a breaker that opens is said within two seconds, once, wherever somebody is', async () => {
  for (const { page } of visits) await listen(page)
  await site.stack.client.breakers.forceOpen({ params: { service: SERVICE }, body: { reason: 'Moving', ttl_s: 600 } })
  const opened = Date.now()
  await pause(20_000)
  for (const [place, { page }] of visits.entries()) {
    const spoken = (await spokenOn(page)).filter(({ text }) => text.includes(SERVICE))
    expect
      .soft(
        spoken.map(({ text }) => text),
        PAGES[place],
      )
      .toEqual([`The breaker of ${SERVICE} opened.`])
    expect.soft((spoken[0]?.at ?? Infinity) - opened, PAGES[place]).toBeLessThan(2_000)
  }
  expect(visits.flatMap(({ mishaps }) => mishaps)).toEqual([])
}, 60_000)
