// Every page also where there is nothing to show yet, and where nothing can be had: in all themes and widths.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { match } from '../../dashboard/path.ts'
import { routes } from '../../dashboard/routes.ts'
import type { RouteName } from '../../dashboard/routes.ts'
import { until } from '../support/stack.ts'
import { objections } from './axe.ts'
import { furnish, openSite } from './browser.ts'
import type { Site, Visit } from './browser.ts'
import { putOn } from './look.ts'
import { pathsOf } from './paths.ts'
import { cramped } from './phone.ts'

const looks = (['light', 'dark'] as const).flatMap((theme) => ([1440, 360] as const).map((width) => ({ theme, width })))
const names = Object.keys(routes) as RouteName[]

/** A page of something that is not there says so; that is looked at too. */
const pathOf = (path: string): string => path.replaceAll(/:\w+/g, 'nowhere')

/** The page in each look, with what else is so of it in all of them. */
const lookAt = async (page: Page, isSo: () => Promise<void> = async () => {}): Promise<void> => {
  for (const { theme, width } of looks) {
    await putOn(page, { theme, width })
    await isSo()
    expect.soft(await objections(page), `${theme} at ${width} px`).toEqual([])
    expect.soft(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    if (width === 360) expect.soft(await cramped(page), theme).toEqual([])
  }
}

/** The shell is there, and its heading is that of this route and no other. */
const expectOwn = async (page: Page, name: RouteName, path: string): Promise<void> => {
  const { path: pattern, title } = routes[name]
  const own = (title as (params: unknown) => string)(match(pattern, path))
  expect(await page.locator('.shell').count()).toBe(1)
  expect(await page.locator('h1').allTextContents()).toEqual([own])
}

describe('empty', () => {
  let site: Site
  let visit: Visit
  beforeAll(async () => {
    site = await openSite()
    visit = await site.visit()
    await visit.open('/')
  })
  afterAll(() => site.close())

  test.each(names)('%s', async (name) => {
    const path = pathOf(routes[name].path)
    await visit.page.goto(path)
    await visit.page.locator('h1').first().waitFor()
    await visit.page.locator('[aria-busy="true"]:not(button)').waitFor({ state: 'detached' })
    await lookAt(visit.page)
    expect(visit.mishaps.splice(0)).toEqual([])
  })
})

/** A form that begins empty, and examples: they show nothing that could not be had. */
const ASKS_NOTHING: readonly RouteName[] = ['eventSourceNew', 'gallery']

describe('out of reach', () => {
  let site: Site
  let visit: Visit
  let paths: Record<string, string>
  beforeAll(async () => {
    site = await openSite()
    paths = pathsOf(await furnish(site.stack))
    visit = await site.visit()
    await visit.open('/')
    await site.stack.redis.stop()
    // Who somebody is is remembered for half a minute. What comes after it is the same however long the tests take.
    const session = async (): Promise<number> => (await visit.context.request.get('/auth/session')).status()
    await until(session, (status) => status === 503, 500)
  })
  afterAll(() => site.close())

  // Loaded anew the dashboard would not get as far as a page. Whoever has it open goes on in it, and sees what is missing where.
  test.each(names)('%s', async (name) => {
    const path = paths[name] ?? '/'
    const { page } = visit
    await putOn(page, { theme: 'light', width: 1440 })
    await visit.go(path)
    await expectOwn(page, name, path)
    const main = page.locator('#main')
    const told = main
      .getByRole('alert')
      .filter({ hasText: /could not load \(503, req_\w+\)\..*Redis cannot be reached/s })
    await lookAt(page, async () => {
      if (!ASKS_NOTHING.includes(name)) await told.first().waitFor()
      else expect(await told.count()).toBe(0)
      // What could not be had is not said to be nothing; the gallery shows how nothing looks.
      if (name !== 'gallery') expect.soft(await main.locator('.empty').allTextContents()).toEqual([])
      expect.soft(await main.textContent()).not.toContain('Nothing ran')
    })
    expect(visit.mishaps.splice(0)).toEqual([])
  })

  test('the dashboard itself', async () => {
    const { page } = visit
    await page.goto('/jobs')
    await page.getByRole('alert').filter({ hasText: 'The dashboard could not load (503' }).waitFor()
    expect(await page.locator('h1').allTextContents()).toEqual(['k1n'])
    await lookAt(page)
    expect(visit.mishaps.splice(0)).toEqual([])
  })
})
