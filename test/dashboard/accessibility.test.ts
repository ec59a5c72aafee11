// Every page, in both themes, wide and narrow: nothing axe objects to, no sideways scroll, nothing leaves the origin.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { routes } from '../../dashboard/routes.ts'
import { HELD_SERVICE, furnish, openSite } from './browser.ts'
import type { Site, Visit } from './browser.ts'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

let site: Site
let paths: Record<string, string>

beforeAll(async () => {
  site = await openSite()
  const { dead, dlqId, group, operation, schedule, event, source, webhook, delivery } = await furnish(site.stack)
  const filled: Record<string, string> = {
    alertRule: '/alerts/rules/no_worker',
    job: `/jobs/${dead}`,
    jobOfQueue: `/queues/mail/jobs/${dead.slice(5)}`,
    breaker: `/breakers/${HELD_SERVICE}`,
    service: `/services/${HELD_SERVICE}`,
    deadLetter: `/dlq/entries/${encodeURIComponent(dlqId)}`,
    deadLetterGroup: `/dlq/${group}`,
    operation: `/operations/${operation}`,
    event: `/events/${event}`,
    eventSource: `/events/sources/${source}`,
    webhook: `/webhooks/${webhook}`,
    webhookEdit: `/webhooks/${webhook}/edit`,
    delivery: `/webhooks/${webhook}/deliveries/${delivery}`,
    schedule: `/schedules/${schedule}`,
    scheduleEdit: `/schedules/${schedule}/edit`,
  }
  paths = Object.fromEntries(Object.entries(routes).map(([name, { path }]) => [name, filled[name] ?? path]))
})
afterAll(() => site.close())

interface Violation {
  id: string
  nodes: { html: string }[]
}
const violations = async (page: Page): Promise<string[]> => {
  // The debugger's own world is not bound by the page's content policy.
  await page.evaluate(axeSource)
  const found = await page.evaluate(
    async (runOnly) =>
      (
        await (globalThis as unknown as { axe: { run(o: object): Promise<{ violations: Violation[] }> } }).axe.run({
          runOnly,
        })
      ).violations,
    tags,
  )
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)
}

/** `npm test` sees each theme and each width once, `npm run test:long` every pair. */
const views = [
  { theme: 'light', width: 1440 },
  { theme: 'dark', width: 360 },
  ...(process.env['K1N_TEST_LONG'] === '1'
    ? ([
        { theme: 'dark', width: 1440 },
        { theme: 'light', width: 360 },
      ] as const)
    : []),
] as const

describe.each(views)('$theme at $width px', ({ theme, width }) => {
  let visit: Visit
  beforeAll(async () => {
    visit = await site.visit({ theme, width, height: width === 360 ? 780 : 900 })
  })
  afterAll(() => visit.close())

  test.each(Object.keys(routes))('%s', async (name) => {
    await visit.open(paths[name] ?? '/')
    expect(await violations(visit.page)).toEqual([])
    expect(await visit.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    expect(visit.mishaps.splice(0)).toEqual([])
  })
})

test('the sign-in page has nothing axe objects to', async () => {
  const visit = await site.visit({ signedIn: false })
  await visit.page.goto('/')
  await visit.page.locator('h1').first().waitFor()
  expect(await violations(visit.page)).toEqual([])
  await visit.close()
})
