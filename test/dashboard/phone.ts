// What a hand needs on a phone: nothing to scroll sideways, and targets that a finger hits.
import type { Page } from 'playwright-core'

const TARGETS =
  'a[href], button, input, select, textarea, summary, [role=button], [role=tab], [role=option], [role=menuitem]'
/** Of any target (WCAG 2.5.8), and of what a page is mostly there for. */
const LEAST_PX = 24
const PRIMARY_PX = 44

/** What is wrong with the page as it is now, at the width of a phone, a line each. Empty when there is nothing. */
export const cramped = (page: Page): Promise<string[]> =>
  page.evaluate(
    ({ selector, least, primary }) => {
      const isSeen = (element: Element): boolean =>
        element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
        element.closest('.visually-hidden, [inert], [aria-hidden=true]') === null
      /** A link within a sentence is as high as its line. */
      const isOfText = (element: Element): boolean =>
        element.localName === 'a' &&
        getComputedStyle(element).display === 'inline' &&
        [...(element.parentElement?.childNodes ?? [])].some(
          (node) => node.nodeType === Node.TEXT_NODE && (node.textContent ?? '').trim() !== '',
        )
      /** A tick or a choice is hit by its label too. */
      const boxOf = (element: Element): DOMRect =>
        (
          (element.matches('input[type=checkbox], input[type=radio]') && element.closest('label')) ||
          element
        ).getBoundingClientRect()
      const say = (element: Element, { width, height }: DOMRect, wanted: number): string => {
        const name = element.getAttribute('aria-label') ?? element.textContent.trim()
        return `${element.localName}.${[...element.classList].join('.')} “${name.slice(0, 40)}” is ${width.toFixed(0)} × ${height.toFixed(0)} px, ${wanted} wanted`
      }
      const { scrollWidth, clientWidth } = document.documentElement
      const wide = scrollWidth > clientWidth ? [`the page is ${scrollWidth} px wide`] : []
      const small = [...document.querySelectorAll(selector)].flatMap((element) => {
        if (!isSeen(element) || isOfText(element)) return []
        const box = boxOf(element)
        if (box.width === 0 || box.height === 0) return []
        const isPrimary = element.matches('.button.primary')
        // Half a pixel is what rounding leaves.
        const wanted = isPrimary ? primary : least
        return box.height < wanted - 0.5 || box.width < least - 0.5 ? [say(element, box, wanted)] : []
      })
      return [...wide, ...small]
    },
    { selector: TARGETS, least: LEAST_PX, primary: PRIMARY_PX },
  )

/** Which of these lie, even in part, below what a phone shows at first; the bar at its foot hides as much as it is high. */
export const belowTheFold = async (page: Page, selectors: readonly string[]): Promise<string[]> =>
  page.evaluate((all) => {
    scrollTo(0, 0)
    const bar = document.querySelector('nav[aria-label=Pages]')
    const isAtFoot = bar !== null && getComputedStyle(bar).position === 'fixed'
    const fold = isAtFoot ? bar.getBoundingClientRect().top : innerHeight
    return all.filter((selector) => {
      const box = document.querySelector(selector)?.getBoundingClientRect()
      return box === undefined || box.height === 0 || box.top < 0 || box.bottom > fold
    })
  }, selectors)
