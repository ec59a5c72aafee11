// Every page by keyboard alone, by name, and with letters twice as large: each stop is seen, no name lies, nothing is cut off.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { routes } from '../../dashboard/routes.ts'
import { furnish, openSite } from './browser.ts'
import type { Site, Visit } from './browser.ts'
import { pathsOf } from './paths.ts'

const STOPS_MAX = 400
const names = Object.keys(routes)
let site: Site
let paths: Record<string, string>
let visit: Visit

beforeAll(async () => {
  site = await openSite()
  paths = pathsOf(await furnish(site.stack))
  visit = await site.visit()
})
afterAll(() => site.close())

interface Stop {
  what: string
  /** Why the focus cannot be seen there; empty when it can. */
  wrong: string
  isEnd: boolean
}

/** What has the focus, and whether one sees that. */
const stop = (page: Page): Promise<Stop> =>
  page.evaluate(() => {
    const at = document.activeElement
    if (!(at instanceof HTMLElement) || at === document.body) return { what: '', wrong: '', isEnd: true }
    const what = `${at.tagName} ${at.id} ${at.className.slice(0, 30)} ${(at.getAttribute('aria-label') ?? at.textContent).trim().slice(0, 40)}`
    const thick = (element: Element | null): number => {
      if (!element) return 0
      const { outlineStyle, outlineWidth, opacity } = getComputedStyle(element)
      // Of what is clear nothing is seen, its outline neither.
      return outlineStyle === 'none' || opacity === '0' ? 0 : parseFloat(outlineWidth)
    }
    // An input that is drawn by the element after it, or by the one around it, is outlined there.
    const ring = [at, at.nextElementSibling, at.parentElement, at.parentElement?.parentElement ?? null].find((one) => thick(one) >= 2) // prettier-ignore
    if (!ring) return { what, wrong: 'no outline', isEnd: false }
    const { outlineOffset, outlineWidth } = getComputedStyle(ring)
    const grow = parseFloat(outlineOffset) + parseFloat(outlineWidth)
    const box = ring.getBoundingClientRect()
    const needed = { left: box.left - grow, right: box.right + grow, top: box.top - grow, bottom: box.bottom + grow }
    if (box.width < 1 || box.height < 1) return { what, wrong: 'has no size', isEnd: false }
    if (box.bottom < 0 || box.top > innerHeight || box.right < 0 || box.left > innerWidth) return { what, wrong: 'out of sight', isEnd: false } // prettier-ignore
    for (let over = ring.parentElement; over && over !== document.body; over = over.parentElement) {
      const { overflowX, overflowY, position } = getComputedStyle(over)
      const edge = over.getBoundingClientRect()
      // One pixel is what rounding takes; an outline that is cut at one end only is still seen at the three others.
      const cut = [
        overflowX !== 'visible' && needed.left < edge.left - 1,
        overflowX !== 'visible' && needed.right > edge.right + 1,
        overflowY !== 'visible' && needed.top < edge.top - 1,
        overflowY !== 'visible' && needed.bottom > edge.bottom + 1,
      ].filter(Boolean).length
      if (cut > 1) return { what, wrong: `cut by ${over.tagName}.${over.className}`, isEnd: false }
      if (position === 'fixed') break
    }
    const middle = document.elementFromPoint(Math.min(innerWidth - 1, Math.max(0, (box.left + box.right) / 2)), Math.min(innerHeight - 1, Math.max(0, (box.top + box.bottom) / 2))) // prettier-ignore
    const top = document.elementFromPoint(Math.min(innerWidth - 1, Math.max(0, box.left + 2)), Math.min(innerHeight - 1, Math.max(0, box.top + 2))) // prettier-ignore
    const under = [middle, top].every((one) => one && !ring.contains(one) && !one.contains(ring))
    return { what, wrong: under ? `under ${middle?.tagName ?? ''}.${middle?.className ?? ''}` : '', isEnd: false }
  })

describe('with Tab alone', () => {
  test.each(names)('%s has no trap and each stop is seen', async (name) => {
    const { page } = visit
    await visit.open(paths[name] ?? '/')
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
    const wrong: string[] = []
    let stops = 0
    for (; stops < STOPS_MAX; stops++) {
      await page.keyboard.press('Tab')
      const { what, wrong: why, isEnd } = await stop(page)
      if (isEnd) break
      if (why !== '') wrong.push(`${what}: ${why}`)
    }
    expect.soft([...new Set(wrong)]).toEqual([])
    // It got out of the page again; the gallery is longer than any page.
    if (name !== 'gallery') expect(stops).toBeLessThan(STOPS_MAX)
    expect(stops).toBeGreaterThan(10)
  })
})

describe('questions', () => {
  test.each(names.filter((name) => name !== 'gallery'))('of %s give the focus back', async (name) => {
    const { page } = visit
    await visit.open(paths[name] ?? '/')
    const asking = page.locator('main button:not([aria-disabled=true]):visible').filter({ hasText: /…$/ })
    const many = Math.min(await asking.count(), 12)
    for (let n = 0; n < many; n++) {
      const button = asking.nth(n)
      if (!(await button.isVisible())) continue
      const label = await button.innerText()
      await button.focus()
      await page.keyboard.press('Enter')
      // Some open in the page, where focus stays or goes in; only what is modal takes it away.
      if (await page.locator('dialog[open]').isVisible()) {
        expect.soft(await page.evaluate(() => document.activeElement?.closest('dialog') !== null), label).toBe(true)
        await page.keyboard.press('Escape')
        await page.locator('dialog[open]').waitFor({ state: 'detached' })
        expect.soft(await button.evaluate((one) => one === document.activeElement), `after ${label}`).toBe(true)
      }
    }
  })
})

test('a page that is gone to by a link or by keys has the focus on its heading', async () => {
  const { page } = visit
  await visit.open('/')
  await page.getByRole('link', { name: 'Jobs', exact: true }).first().focus()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Jobs' }).waitFor()
  await page.waitForFunction(() => document.activeElement?.tagName === 'H1')
  await page.keyboard.press('g')
  await page.keyboard.press('b')
  await page.getByRole('heading', { level: 1, name: 'Breakers' }).waitFor()
  await page.waitForFunction(() => document.activeElement?.tagName === 'H1' && document.activeElement.textContent === 'Breakers') // prettier-ignore
})

interface Named {
  name: string
  shown: string
}

/** Controls whose accessible name lacks what is written on them, and names that two of one group have. */
const namesOf = (page: Page): Promise<{ lying: Named[]; twice: string[] }> =>
  page.evaluate(() => {
    const plain = (text: string | null | undefined): string => (text ?? '').replaceAll(/\s+/g, ' ').trim().toLowerCase()
    const nameOf = (one: HTMLElement): string => {
      const by = one.getAttribute('aria-labelledby')
      if (by !== null) return plain(by.split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join(' ')) // prettier-ignore
      return plain(one.getAttribute('aria-label') ?? one.textContent) || plain(one.title)
    }
    const controls = [...document.querySelectorAll<HTMLElement>('button, a[href], [role=tab], [role=menuitem], summary')].filter((one) => one.checkVisibility()) // prettier-ignore
    const lying = controls
      .map((one) => ({ name: nameOf(one), shown: plain(one.innerText) }))
      .filter(({ name, shown }) => !name.includes(shown) || name === '')
    const twice: string[] = []
    const collect = (group: HTMLElement, isIn: (one: HTMLElement) => boolean): void => {
      const all = controls.filter((one) => one.tagName === 'BUTTON' && isIn(one)).map(nameOf)
      for (const name of all.filter((each, place) => all.indexOf(each) !== place))
        twice.push(`${group.tagName}: ${name}`)
    }
    const groups = [
      ...document.querySelectorAll<HTMLElement>(
        '[role=toolbar], header, footer, nav, tr, form, [role=menu], [role=group]',
      ),
    ]
    for (const group of groups) collect(group, (one) => group.contains(one))
    // Buttons side by side are a toolbar, whatever holds them.
    for (const holder of new Set(controls.map(({ parentElement }) => parentElement)))
      if (holder) collect(holder, ({ parentElement }) => parentElement === holder)
    return { lying, twice: [...new Set(twice)] }
  })

describe('names', () => {
  test.each(names)('of %s say what is written, and no two beside each other are the same', async (name) => {
    await visit.open(paths[name] ?? '/')
    const { lying, twice } = await namesOf(visit.page)
    expect.soft(lying).toEqual([])
    if (name !== 'gallery') expect.soft(twice).toEqual([])
  })
})

/** Texts that are cut off and not said to go on. */
const cutOff = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const found: string[] = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    const range = document.createRange()
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const holder = node.parentElement
      if (
        !holder ||
        node.textContent?.trim() === '' ||
        !holder.checkVisibility({ opacityProperty: true, visibilityProperty: true })
      )
        continue
      if (holder.closest('.visually-hidden, .skip, canvas, svg, textarea, select, option, pre, [popover]')) continue
      range.selectNodeContents(node)
      const text = range.getBoundingClientRect()
      for (let over: HTMLElement | null = holder; over && over !== document.body; over = over.parentElement) {
        const { overflowX, overflowY, textOverflow, webkitLineClamp } = getComputedStyle(over)
        const saysSo = textOverflow === 'ellipsis' || webkitLineClamp !== 'none'
        if (saysSo || [overflowX, overflowY].some((how) => how === 'auto' || how === 'scroll')) break
        const edge = over.getBoundingClientRect()
        // Nobody is to see it there; it is for listening.
        if (edge.width <= 2 || edge.height <= 2) break
        const wide = overflowX !== 'visible' && (text.right > edge.right + 2 || text.left < edge.left - 2)
        const high = overflowY !== 'visible' && (text.bottom > edge.bottom + 4 || text.top < edge.top - 4)
        if (wide || high) {
          found.push(`${over.tagName}.${over.className}: ${(node.textContent ?? '').trim().slice(0, 40)}`)
          break
        }
      }
    }
    return [...new Set(found)]
  })

/** What makes the page scroll sideways; nothing when it does not. */
const beyond = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    if (document.documentElement.scrollWidth <= innerWidth) return []
    return [...document.body.querySelectorAll<HTMLElement>('*')]
      .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth + 0.5)
      .slice(0, 6)
      .map((one) => `${one.tagName}.${one.className} ends at ${Math.round(one.getBoundingClientRect().right)} px`)
  })

const looks = [
  // Set in the browser, so that pages come with it.
  {
    name: 'letters twice as large',
    width: 1280,
    height: 800,
    css: 'html { font-size: 32px !important }',
    from: 'the start',
  },
  { name: 'at 400 %', width: 320, height: 256, css: '', from: 'the start' },
  {
    name: 'with text spaced out',
    width: 1280,
    height: 800,
    css: '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-bottom: 2em !important }',
    from: 'then on',
  },
] as const

/** Puts a style over whatever the page has, now and, when it is kept, as the first thing of every page. */
const styled = (text: string): void => {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(text)
  document.adoptedStyleSheets = [sheet]
}

/** The same page anew, with a style from the start. */
const again = async (name: string, css: string): Promise<void> => {
  if (css === '') return
  const added = await visit.page.addInitScript(styled, css)
  await visit.open(paths[name] ?? '/')
  await added.dispose()
}

describe.each(looks)('$name', ({ width, height, css, from }) => {
  test.each(names)('%s loses nothing', async (name) => {
    const { page } = visit
    await page.setViewportSize({ width, height })
    await visit.open(paths[name] ?? '/')
    const before = new Set(await cutOff(page))
    if (from === 'the start') await again(name, css)
    else await page.evaluate(styled, css)
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
    expect.soft(await beyond(page)).toEqual([])
    const after = await cutOff(page)
    expect.soft(css === '' ? after : after.filter((text) => !before.has(text))).toEqual([])
  })
})
