// Every page, in both themes, wide and narrow: nothing axe objects to, no sideways scroll, targets a finger hits on a phone, nothing
// leaves the origin.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { routes } from '../../dashboard/routes.ts'
import { objections } from './axe.ts'
import { furnish, openSite } from './browser.ts'
import type { Site, Visit } from './browser.ts'
import { putOn } from './look.ts'
import { pathsOf } from './paths.ts'
import { belowTheFold, cramped } from './phone.ts'

let site: Site
let paths: Record<string, string>

beforeAll(async () => {
  site = await openSite()
  paths = pathsOf(await furnish(site.stack))
})
afterAll(() => site.close())

/** `npm test` sees each theme and each width once, `npm run test:long` every pair. */
const looks = [
  { theme: 'light', width: 1440 },
  { theme: 'dark', width: 360 },
  ...(process.env['K1N_TEST_LONG'] === '1'
    ? ([
        { theme: 'dark', width: 1440 },
        { theme: 'light', width: 360 },
      ] as const)
    : []),
] as const

/** The gallery first: what is wrong with a part is told there before the pages that use it tell it too. */
const names = ['gallery', ...Object.keys(routes).filter((name) => name !== 'gallery')]

describe('wide and light, narrow and dark', () => {
  let visit: Visit
  beforeAll(async () => {
    visit = await site.visit()
    await visit.open('/')
  })
  afterAll(() => visit.close())

  test.each(names)('%s', async (name) => {
    await putOn(visit.page, looks[0])
    await visit.go(paths[name] ?? '/')
    for (const look of looks) {
      await putOn(visit.page, look)
      expect.soft(await objections(visit.page), `${look.theme} at ${look.width} px`).toEqual([])
      expect.soft(await visit.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(look.width)
      if (look.width === 360) expect.soft(await cramped(visit.page), look.theme).toEqual([])
      if (look.width === 360 && name === 'job')
        expect
          .soft(await belowTheFold(visit.page, ['main [data-state]', 'main [aria-label=Error] .message']))
          .toEqual([])
    }
    expect(visit.mishaps.splice(0)).toEqual([])
  })
})

test('the sign-in page has nothing axe objects to', async () => {
  const visit = await site.visit({ signedIn: false })
  await visit.page.goto('/')
  await visit.page.locator('h1').first().waitFor()
  expect(await objections(visit.page)).toEqual([])
  await visit.close()
})
