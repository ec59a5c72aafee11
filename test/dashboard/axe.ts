// What axe finds on a page, and what it could not decide that nobody has looked at.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

interface Finding {
  id: string
  nodes: { html: string; why: string }[]
}
interface Found {
  violations: Finding[]
  incomplete: Finding[]
}

/** What axe cannot decide by itself and a person has: the rule, what the element looks like, and why it is right. */
const reviewed: readonly { rule: string; html: RegExp; because: string }[] = [
  {
    rule: 'color-contrast',
    html: /^<span class="now /,
    because:
      'the room to take hold of the now-line by lies over it, and is not seen; its colours are those of the times beside it',
  },
  {
    rule: 'color-contrast',
    html: /class="value kind-\d/,
    because: 'a value of JSON that reaches beyond its scroller; all of them have the colours of the tokens',
  },
  {
    rule: 'color-contrast',
    html: /^<p [^>]*>(?:Nothing ran from |What ran here is not known)/,
    because: 'it stands over a chart in which nothing is drawn then, upon the ground of the page',
  },
  {
    rule: 'color-contrast',
    html: /^<span class="svelte-\w+" style="left: [\d.]+%;">\d\d:\d\d</,
    because: 'a time of the axis, which the line that says where now is may cross; its colours are those of the others',
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
  const { violations, incomplete } = await page.evaluate(look, tags)
  const undecided = process.env['K1N_TEST_LONG'] === '1' ? incomplete : []
  const open = undecided.map(({ id, nodes }) => ({ id, nodes: nodes.filter(({ html }) => !isReviewed(id, html)) }))
  return [...violations.map(say('')), ...open.filter(({ nodes }) => nodes.length > 0).map(say('undecided '))]
}

const say =
  (what: string) =>
  ({ id, nodes }: Finding): string =>
    `${what}${id}: ${nodes.map(({ html, why }) => `${why} ${html.slice(0, 160)}`.trim()).join(' | ')}`

/** Runs in the page. A text that axe does not measure, as something lies over it, or as it is one sign or a placeholder, is measured
 *  here upon the backgrounds of the elements it stands in, by the same limits (WCAG 2.2, 1.4.3): too little is a violation. */
const look = async (runOnly: readonly string[]): Promise<Found> => {
  const { axe } = globalThis as unknown as { axe: Axe }
  const result = await axe.run({ runOnly, resultTypes: ['violations', 'incomplete'], preload: false })
  const { Color, getContrast, getOwnBackgroundColor, flattenColors } = axe.commons.color

  const aroundOf = (element: Element): CSSStyleDeclaration[] => {
    const around: CSSStyleDeclaration[] = []
    for (let at: Element | null = element; at !== null; at = at.parentElement) around.push(getComputedStyle(at))
    return around
  }
  const isSeenThrough = ({ opacity, filter }: CSSStyleDeclaration): boolean => opacity !== '1' || filter !== 'none'
  const isMoved = ({ position, transform, translate, inset }: CSSStyleDeclaration): boolean =>
    position === 'absolute' ||
    position === 'fixed' ||
    transform !== 'none' ||
    translate !== 'none' ||
    (position === 'relative' && !/^(?:0px|auto)(?: (?:0px|auto))*$/.test(inset))
  /** Upon what a text stands: the backgrounds of what it is in, as long as none is an image, nothing is half seen through, and none
   *  was moved to where others lie before one is opaque. */
  const groundOf = (element: Element): AxeColor | undefined => {
    const around = aroundOf(element)
    const over: AxeColor[] = []
    if (around.some(isSeenThrough)) return undefined
    for (const style of around) {
      if (style.backgroundImage !== 'none') return undefined
      const own = getOwnBackgroundColor(style)
      over.unshift(own)
      if (own.alpha === 1) return over.reduce((under, next) => flattenColors(next, under))
      if (isMoved(style)) return undefined
    }
    return undefined
  }
  const measured = (element: Element): number | undefined => {
    const ground = groundOf(element)
    if (ground === undefined) return undefined
    const ink = new Color()
    ink.parseString(getComputedStyle(element, element.matches(':placeholder-shown') ? '::placeholder' : null).color)
    return getContrast(ground, flattenColors(ink, ground))
  }
  const needed = (element: Element): number => {
    const { fontSize, fontWeight } = getComputedStyle(element)
    const bold = Number.parseFloat(fontWeight) >= 700
    return Number.parseFloat(fontSize) >= (bold ? 18.66 : 24) ? 3 : 4.5
  }
  const ours = new Set([
    'bgOverlap',
    'elmPartiallyObscured',
    'elmPartiallyObscuring',
    'outsideViewport',
    'shortTextContent',
    'nonBmp',
    'emptyValue',
  ])
  const verdict = (node: AxeNode): 'right' | 'wrong' | 'open' => {
    const element = ours.has(whyOf(node)) ? document.querySelector(String(node.target[0])) : null
    const contrast = element === null ? undefined : measured(element)
    if (element === null || contrast === undefined) return 'open'
    return contrast >= needed(element) ? 'right' : 'wrong'
  }
  const whyOf = ({ any }: AxeNode): string => any[0]?.data?.messageKey ?? ''
  const told = ({ id, nodes }: AxeFinding): Finding => ({
    id,
    nodes: nodes.map((node) => ({ html: node.html, why: whyOf(node) })),
  })

  const contrasts = result.incomplete.filter(({ id }) => id === 'color-contrast').flatMap(({ nodes }) => nodes)
  const verdicts = new Map(contrasts.map((node) => [node, verdict(node)]))
  const left = result.incomplete.map(({ id, nodes }) => ({
    id,
    nodes: nodes.filter((node) => (verdicts.get(node) ?? 'open') === 'open'),
  }))
  const wrong = contrasts.filter((node) => verdicts.get(node) === 'wrong')
  return {
    violations: [...result.violations, ...(wrong.length > 0 ? [{ id: 'color-contrast', nodes: wrong }] : [])].map(told),
    incomplete: left.map(told),
  }
}

interface AxeNode {
  html: string
  target: readonly unknown[]
  any: readonly { data?: { messageKey?: string } | null }[]
}
interface AxeFinding {
  id: string
  nodes: AxeNode[]
}
interface AxeColor {
  readonly alpha: number
  parseString(words: string): void
}
/** As much of axe-core as is used here. */
interface Axe {
  run(options: object): Promise<{ violations: AxeFinding[]; incomplete: AxeFinding[] }>
  commons: {
    color: {
      Color: new (red?: number, green?: number, blue?: number, alpha?: number) => AxeColor
      getContrast: (ground: AxeColor, ink: AxeColor) => number
      getOwnBackgroundColor: (style: CSSStyleDeclaration) => AxeColor
      flattenColors: (over: AxeColor, under: AxeColor) => AxeColor
    }
  }
}
