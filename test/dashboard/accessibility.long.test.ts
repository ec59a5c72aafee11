// Every page also where there is nothing to show yet, and where nothing can be had: in all themes and widths.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { routes } from '../../dashboard/routes.ts'
import { objections } from './axe.ts'
import { openSite } from './browser.ts'
import type { Site, Visit } from './browser.ts'
import { putOn } from './look.ts'
import { cramped } from './phone.ts'

const looks = (['light', 'dark'] as const).flatMap((theme) => ([1440, 360] as const).map((width) => ({ theme, width })))

/** A page of something that is not there says so; that is looked at too. */
const pathOf = (path: string): string => path.replaceAll(/:\w+/g, 'nowhere')

const lookAt = async (page: Page): Promise<void> => {
  for (const { theme, width } of looks) {
    await putOn(page, { theme, width })
    expect.soft(await objections(page), `${theme} at ${width} px`).toEqual([])
    expect.soft(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    if (width === 360) expect.soft(await cramped(page), theme).toEqual([])
  }
}

describe.each(['empty', 'out of reach'])('%s', (state) => {
  let site: Site
  let visit: Visit
  beforeAll(async () => {
    site = await openSite()
    visit = await site.visit()
    await visit.open('/')
    if (state === 'out of reach') await site.stack.redis.stop()
  })
  afterAll(() => site.close())

  test.each(Object.entries(routes))('%s', async (_name, { path }) => {
    await visit.page.goto(pathOf(path))
    await visit.page.locator('h1').first().waitFor()
    await visit.page.locator('[aria-busy="true"]:not(button)').waitFor({ state: 'detached' })
    await lookAt(visit.page)
    expect(visit.mishaps.splice(0)).toEqual([])
  })
})
