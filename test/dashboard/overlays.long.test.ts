// What lies over a page while it is open: axe objects to none of it, in any theme and at any width.
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { objections } from './axe.ts'
import { HELD_SERVICE, furnish, openSite } from './browser.ts'
import type { Site } from './browser.ts'
import { putOn } from './look.ts'
import type { Look } from './look.ts'
import { pathsOf } from './paths.ts'
import { cramped } from './phone.ts'

let site: Site
let paths: Record<string, string>

beforeAll(async () => {
  site = await openSite()
  paths = pathsOf(await furnish(site.stack))
})
afterAll(() => site.close())

interface Overlay {
  what: string
  /** The route it is opened on. */
  on: string
  /** Opens it; answers what is there then. */
  open: (page: Page) => Promise<Locator>
  /** Only where the window is so wide. */
  width?: Look['width']
}

const dialog = (page: Page): Locator => page.getByRole('dialog').first()
const pressed =
  (key: string) =>
  async (page: Page): Promise<void> => {
    await page.locator('h1').first().focus()
    await page.keyboard.press(key)
  }

const overlays: readonly Overlay[] = [
  {
    what: 'the palette with what it found',
    on: 'keys',
    async open(page) {
      await pressed('Control+k')(page)
      await page.getByRole('combobox', { name: 'Page, command, name or id' }).fill('qu')
      return page.getByRole('option').first()
    },
  },
  {
    what: 'the palette with nothing found',
    on: 'keys',
    async open(page) {
      await pressed('Control+k')(page)
      await page.getByRole('combobox', { name: 'Page, command, name or id' }).fill('no such thing')
      return page.getByText('No page, command or thing is called', { exact: false })
    },
  },
  { what: 'the list of shortcuts', on: 'jobs', open: (page) => pressed('?')(page).then(() => dialog(page)) },
  {
    what: 'the time to look at',
    on: 'overview',
    async open(page) {
      await page.getByRole('button', { name: 'Choose the time' }).click()
      return page.getByRole('textbox', { name: 'From' })
    },
  },
  {
    what: 'the menu of a row',
    on: 'breakers',
    async open(page) {
      await page.getByRole('button', { name: `More for ${HELD_SERVICE}` }).click()
      return page.getByRole('menuitem').first()
    },
  },
  {
    what: 'a question with fields',
    on: 'deadLetterGroup',
    async open(page) {
      await page.getByRole('button', { name: 'Resubmit…', exact: true }).click()
      return page.getByText('Try a few first')
    },
  },
  {
    what: 'a question that could do harm',
    on: 'deadLetterGroup',
    async open(page) {
      await page.getByRole('button', { name: 'Discard…' }).click()
      return page.getByRole('button', { name: 'Keep them' })
    },
  },
  { what: 'a note on the timeline', on: 'timeline', open: (page) => pressed('m')(page).then(() => dialog(page)) },
  {
    what: 'what a run says under the focus',
    on: 'timeline',
    async open(page) {
      await page.getByRole('gridcell').first().focus()
      await page.keyboard.press('ArrowLeft')
      return page.getByRole('tooltip')
    },
  },
  {
    what: 'a message',
    on: 'keys',
    async open(page) {
      await pressed('y')(page)
      return page.getByRole('status', { name: 'Messages' }).getByText('Copied the live link.')
    },
  },
  {
    what: 'the sheet of all pages',
    on: 'overview',
    width: 360,
    async open(page) {
      await page.getByRole('button', { name: 'More', exact: true }).click()
      return dialog(page)
    },
  },
]

const looks = (['light', 'dark'] as const).flatMap((theme) => ([1440, 360] as const).map((width) => ({ theme, width })))

test.each(overlays)('$what', async ({ on, open, width }) => {
  for (const look of looks.filter((one) => width === undefined || one.width === width)) {
    const visit = await site.visit()
    const { page } = visit
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await putOn(page, look)
    await visit.open(paths[on] ?? '/')
    const overlay = await open(page)
    await overlay.waitFor()
    expect.soft(await objections(page), `${look.theme} at ${look.width} px`).toEqual([])
    // What had left by then was not looked at.
    expect(await overlay.isVisible()).toBe(true)
    expect.soft(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(look.width)
    if (look.width === 360) expect.soft(await cramped(page), look.theme).toEqual([])
    expect(visit.mishaps).toEqual([])
    await visit.close()
  }
})
