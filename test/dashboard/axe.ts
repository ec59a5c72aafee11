// What axe finds on a page, and what it could not decide that nobody has looked at.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

interface Finding {
  id: string
  nodes: { html: string }[]
}
interface Axe {
  run(options: object): Promise<{ violations: Finding[]; incomplete: Finding[] }>
}

/** What axe cannot decide by itself and a person has: the rule, what the element looks like, and why it is right. */
const reviewed: readonly { rule: string; html: RegExp; because: string }[] = [
  {
    rule: 'color-contrast',
    html: /class="mark [^>]*aria-hidden="true">▼</,
    because: 'one sign in the colour of the breaker, which the test of the tokens measures; the words stand beside it',
  },
  {
    rule: 'color-contrast',
    html: /class="value kind-\d/,
    because:
      'a value that reaches beyond the edge of the scroller it is in; all of them have the colours of the tokens',
  },
  {
    rule: 'color-contrast',
    html: /^<span class="now /,
    because:
      'the room to take hold of the now-line by lies over it, and is not seen; its colours are those of the times beside it',
  },
  {
    rule: 'color-contrast',
    html: /data-search=|class="none |class="title |class="hint |class="unit |style="left: |^<p>It may have/,
    because: 'a message or the bar of a phone lies over it for the moment; it is measured wherever nothing does',
  },
  {
    rule: 'heading-order',
    html: /^<h[1-6]/,
    because:
      'axe leaves it open until it has heard of frames, and there are none; what breaks the order it reports all the same',
  },
]

const isReviewed = (rule: string, html: string): boolean =>
  reviewed.some((entry) => entry.rule === rule && entry.html.test(html))

/** Everything axe objects to on the page as it is now, a line each. Empty when there is nothing. What it cannot decide counts in
 *  the long run, where nothing else moves over the page. */
export const objections = async (page: Page): Promise<string[]> => {
  // The debugger's own world is not bound by the page's content policy.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(source)
  const { violations, incomplete } = await page.evaluate(
    (runOnly) =>
      (globalThis as unknown as { axe: Axe }).axe.run({
        runOnly,
        resultTypes: ['violations', 'incomplete'],
        preload: false,
      }),
    tags,
  )
  const undecided = process.env['K1N_TEST_LONG'] === '1' ? incomplete : []
  const open = undecided.map(({ id, nodes }) => ({ id, nodes: nodes.filter(({ html }) => !isReviewed(id, html)) }))
  return [...violations.map(say('')), ...open.filter(({ nodes }) => nodes.length > 0).map(say('undecided '))]
}

const say =
  (what: string) =>
  ({ id, nodes }: Finding): string =>
    `${what}${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`
