// The colours of the chart by number, read from the theme once whenever it changes.
import { contrast } from '../theme/color.ts'
import { SHADES } from './lod.ts'
import { CANCELLED, COMPLETED, FAILED, HELD, RETRYING, RUNNING, STALLED } from './spans.ts'

const fills = [
  ...(['prio-low', 'prio-normal', 'prio-high', 'prio-critical'] as const),
  ...(['fill-done', 'fill-running', 'fill-retrying', 'fill-failed', 'fill-held'] as const),
  ...(['state-stalled', 'state-cancelled'] as const),
]
const names = [
  ...(['surface', 'line', 'text', 'text2', 'text3', 'accent'] as const),
  ...fills,
  ...fills.map((name) => `on-${name}` as const),
  ...(['edge-done', 'edge-retrying', 'edge-held'] as const),
]
type InkName = (typeof names)[number]

/** The number of each ink. */
export const ink = Object.fromEntries(names.map((name, at) => [name, at])) as Record<InkName, number>

/** Fills follow one another from here, and their labels in the same order: first the priorities, then the states. */
const BASE = ink['prio-low']
const BASES = fills.length

const STATE_FILL: Record<number, number> = {
  [RUNNING]: ink['fill-running'],
  [COMPLETED]: ink['fill-done'],
  [RETRYING]: ink['fill-retrying'],
  [FAILED]: ink['fill-failed'],
  [CANCELLED]: ink['state-cancelled'],
  [STALLED]: ink['state-stalled'],
  [HELD]: ink['fill-held'],
}

export const colorings = ['priority', 'status', 'attempt', 'service'] as const
export type ColorBy = (typeof colorings)[number]

/** Services that have a colour of their own; the others share one. */
export const SERVICE_COLORS = ['prio-critical', 'prio-high', 'prio-normal', 'fill-held'] as const
const SERVICE_FILLS = SERVICE_COLORS.map((name) => ink[name])

/** The ink of a bar; attempts go up the ramp of the priorities, from the first to the fourth and later. `service` is its number
 *  in the store: services are coloured in the order they came, and jobs without one as the rest. */
export const fillOf = (colorBy: ColorBy, priority: number, state: number, attempt: number, service = 0): number => {
  if (colorBy === 'priority') return BASE + priority
  if (colorBy === 'service') return SERVICE_FILLS[service - 1] ?? ink['prio-low']
  if (colorBy === 'attempt') return BASE + Math.min(4, attempt) - 1
  return STATE_FILL[state] ?? ink['fill-done']
}

/** The ink of a label on a fill. */
export const labelOn = (fill: number): number => fill + BASES

/** The ink of a cell so busy, 1 … SHADES, in the colour of a fill. */
export const shadeOf = (fill: number, shade: number): number => names.length + (fill - BASE) * SHADES + shade - 1

const EDGES: Record<number, number> = {
  [ink['fill-done']]: ink['edge-done'],
  [ink['fill-retrying']]: ink['edge-retrying'],
  [ink['fill-held']]: ink['edge-held'],
}

/** The ink that outlines a fill, or the fill itself when it stands out without. */
export const edgeOf = (fill: number): number => EDGES[fill] ?? fill

/** With forced colours everything is said by shape, and only a few system colours are left. */
const system: Partial<Record<InkName, string>> = {
  surface: 'Canvas',
  line: 'GrayText',
  accent: 'Highlight',
  'fill-running': 'Highlight',
  'fill-retrying': 'Canvas',
  'fill-failed': 'Highlight',
  'fill-held': 'GrayText',
  'on-fill-running': 'HighlightText',
  'on-fill-retrying': 'CanvasText',
  'on-fill-failed': 'HighlightText',
}

const systemColor = (name: InkName): string => system[name] ?? (name.startsWith('on-') ? 'Canvas' : 'CanvasText')

const themed = (name: InkName): string =>
  name.startsWith('on-state-') ? 'var(--surface)' : `var(--${name.replace('edge-', 'state-')})`

/** How much of a fill is in each shade; the fullest cell is still told from a bar. */
const SHADE_PERCENT = [38, 54, 70, 86]

/** The colours in force where an element is, by ink number, as opaque hex. */
export const readInks = (within: Element): string[] => {
  const forced = matchMedia('(forced-colors: active)').matches
  const outlined = document.documentElement.dataset['contrast'] === 'more'
  return inksBy((colors) => computed(within, colors), forced ? systemColor : themed, outlined)
}

/** All inks, given how to work out CSS colours; apart from the page so that it can be tested. With more contrast every fill is
 *  `outlined`. */
export const inksBy = (
  resolve: (colors: readonly string[]) => string[],
  colorOf: (name: InkName) => string,
  outlined = false,
): string[] => {
  const shades = fills.flatMap((name) => shadesOf(colorOf(name), colorOf('surface')))
  const inks = resolve([...names.map(colorOf), ...shades])
  const surface = inks[ink.surface] ?? ''
  for (const name of ['done', 'retrying', 'held'] as const) {
    const fill = inks[ink[`fill-${name}`]] ?? ''
    if (!outlined && contrast(fill, surface) >= 3) inks[ink[`edge-${name}`]] = fill
  }
  return inks
}

const shadesOf = (fill: string, surface: string): string[] =>
  SHADE_PERCENT.map((percent) => `color-mix(in oklab, ${fill} ${percent}%, ${surface})`)

/** What CSS colours come to on the screen at an element, over the first of them, whatever notation the browser keeps them in. All at
 *  once: each colour that is given to an element and asked for has the browser work out styles anew. */
const computed = (within: Element, colors: readonly string[]): string[] => {
  // Who asks has a canvas of its own already.
  const pen = new OffscreenCanvas(colors.length, 1).getContext('2d', {
    willReadFrequently: true,
  }) as OffscreenCanvasRenderingContext2D
  const probes = document.createElement('span')
  probes.style.cssText = 'display:none;forced-color-adjust:none'
  probes.append(...colors.map(colored))
  within.append(probes)
  try {
    for (const [at, probe] of [...probes.children].entries()) {
      pen.fillStyle = getComputedStyle(probe).color
      // The first lies under all of them: a system colour may be translucent.
      pen.fillRect(at, 0, at === 0 ? colors.length : 1, 1)
    }
  } finally {
    probes.remove()
  }
  const { data } = pen.getImageData(0, 0, colors.length, 1)
  return colors.map((_color, at) => hexOf(data.subarray(at * 4, at * 4 + 3)))
}

const colored = (color: string): Element => {
  const probe = document.createElement('span')
  probe.style.color = color
  return probe
}

const hexOf = (channels: Uint8ClampedArray): string =>
  `#${[...channels].map((value) => value.toString(16).padStart(2, '0')).join('')}`
