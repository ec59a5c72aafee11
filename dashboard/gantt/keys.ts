// The keyboard on the chart: which key means what, and where the arrows lead.
import type { Lane } from './lane.ts'
import type { Layout } from './layout.ts'
import { isBar, targetOf, type View } from './hit.ts'

export type Command =
  | { do: 'run'; by: 1 | -1 }
  | { do: 'lane'; by: number }
  | { do: 'edge'; to: 'first' | 'last' }
  | { do: 'zoom'; factor: number }
  | { do: 'pan'; share: number }
  | { do: 'history'; by: 1 | -1 }
  | { do: 'failure'; by: 1 | -1 }
  | { do: 'page'; what: 'note' | 'summary' | 'turn' }
  | { do: 'fit' | 'fit-all' | 'follow' | 'open' | 'select' | 'pin' | 'dismiss' | 'brush' | 'pin-lane' }

/** The part of a keyboard event that matters here. */
export interface Key {
  key: string
  shiftKey: boolean
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
}

/** Keys that somebody gave in place of the chart's own. */
export interface OwnKeys {
  /** The chart's key that a pressed one stands for; undefined for one that means nothing now. */
  meaning: (key: string) => string | undefined
  /** How a key is told behind what it does, by the chart's own: ` (P)`; nothing while keys are off. */
  hint: (key: 'n' | 'b' | 'p' | '+' | '-') => string
}

const PAGE = 10

const COMMANDS: Record<string, Command> = {
  ArrowRight: { do: 'run', by: 1 },
  ArrowLeft: { do: 'run', by: -1 },
  ArrowDown: { do: 'lane', by: 1 },
  ArrowUp: { do: 'lane', by: -1 },
  PageDown: { do: 'lane', by: PAGE },
  PageUp: { do: 'lane', by: -PAGE },
  Home: { do: 'edge', to: 'first' },
  End: { do: 'edge', to: 'last' },
  '+': { do: 'zoom', factor: 0.5 },
  '=': { do: 'zoom', factor: 0.5 },
  w: { do: 'zoom', factor: 0.5 },
  '-': { do: 'zoom', factor: 2 },
  s: { do: 'zoom', factor: 2 },
  a: { do: 'pan', share: -0.25 },
  d: { do: 'pan', share: 0.25 },
  'shift ArrowLeft': { do: 'pan', share: -0.25 },
  'shift ArrowRight': { do: 'pan', share: 0.25 },
  f: { do: 'fit' },
  '0': { do: 'fit-all' },
  l: { do: 'follow' },
  Enter: { do: 'open' },
  o: { do: 'select' },
  n: { do: 'failure', by: 1 },
  'shift N': { do: 'failure', by: -1 },
  m: { do: 'page', what: 'note' },
  v: { do: 'page', what: 'summary' },
  t: { do: 'page', what: 'turn' },
  b: { do: 'brush' },
  p: { do: 'pin-lane' },
  '[': { do: 'history', by: -1 },
  ']': { do: 'history', by: 1 },
  ' ': { do: 'pin' },
  Escape: { do: 'dismiss' },
}

/** What a key asks for, or undefined when it is not the chart's; a held modifier belongs to the browser. */
export const commandFor = (event: Key, own?: OwnKeys): Command | undefined => {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined
  const key = own ? own.meaning(event.key) : event.key
  if (key === undefined) return undefined
  if ((event.shiftKey && key.startsWith('Arrow')) || key === 'N') return COMMANDS[`shift ${key}`]
  return COMMANDS[key.length === 1 ? key.toLowerCase() : key]
}

/** The run to go to from a run: the one before or after it in the lane, or beyond its cell when it is part of one.
 *  Answers the run itself where the lane ends. */
export const nextRun = (layout: Layout, lane: Lane, slot: number, by: 1 | -1, view: View): number => {
  if (lane.told) return Math.min(lane.told.at.length - 1, Math.max(0, slot + by))
  const target = targetOf(layout, lane, slot, view)
  let at = lane.indexOf(slot) + by
  if (target.kind === 'cell') {
    const inside = (place: number): boolean => {
      const end = layout.store.end(lane.slots[place] as number, view.now)
      return end >= target.from && end < target.to && !isBar(layout, lane, place, view)
    }
    while (at >= 0 && at < lane.count && inside(at)) at += by
  }
  return lane.slots[Math.min(lane.count - 1, Math.max(0, at))] as number
}

/** The run of a lane that is nearest to a time. */
export const nearestRun = (layout: Layout, lane: Lane, time: number): number => {
  if (lane.told) return lane.told.near(time)
  const after = Math.min(lane.firstFrom(time), lane.count - 1)
  const before = Math.max(0, after - 1)
  const away = (at: number): number => Math.abs((layout.store.start[lane.slots[at] as number] as number) - time)
  return lane.slots[away(before) < away(after) ? before : after] as number
}

/** The first or last run of a lane that starts in the window; where none does, the nearest. */
export const edgeRun = (layout: Layout, lane: Lane, to: 'first' | 'last', view: View): number => {
  if (lane.told) return lane.told.near(to === 'first' ? view.window.from : view.window.to)
  const at = to === 'first' ? lane.firstFrom(view.window.from) : lane.firstFrom(view.window.to) - 1
  return lane.slots[Math.min(lane.count - 1, Math.max(0, at))] ?? nearestRun(layout, lane, view.window.from)
}
