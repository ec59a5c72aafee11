// For those who asked for less motion nothing runs by itself on any page: no animation, no transition.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { routes } from '../../dashboard/routes.ts'
import { furnish, openSite } from './browser.ts'
import type { Site, Visit } from './browser.ts'
import { putOn } from './look.ts'
import { pathsOf } from './paths.ts'

let site: Site
let paths: Record<string, string>

beforeAll(async () => {
  site = await openSite()
  paths = pathsOf(await furnish(site.stack))
})
afterAll(() => site.close())

/** What the browser animates, by its name and the classes of what it moves. */
const animated = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    document.getAnimations().map((animation) => {
      const name = animation instanceof CSSAnimation ? animation.animationName : animation.constructor.name
      const target = animation.effect instanceof KeyframeEffect ? animation.effect.target : null
      return `${name} of ${target?.localName ?? 'nothing'}.${target?.className ?? ''}`
    }),
  )

describe('nothing is animated', () => {
  let visit: Visit
  beforeAll(async () => {
    visit = await site.visit({ reducedMotion: 'reduce' })
    await visit.open('/')
  })
  afterAll(() => visit.close())

  test.each(Object.keys(routes))('%s', async (name) => {
    await putOn(visit.page, { theme: 'light', width: 1440 })
    await visit.go(paths[name] ?? '/')
    expect.soft(await animated(visit.page)).toEqual([])
    await putOn(visit.page, { theme: 'light', width: 360 })
    expect.soft(await animated(visit.page), 'on a phone').toEqual([])
  })
})

test('the example of what is on its way is animated, until less motion is asked for', async () => {
  const visit = await site.visit()
  await visit.open('/gallery')
  expect(await animated(visit.page)).toContainEqual(expect.stringMatching(/appear of div\.skeleton/))
  await visit.page.emulateMedia({ reducedMotion: 'reduce' })
  await expect.poll(() => animated(visit.page)).toEqual([])
  await visit.close()
})
