// What the timeline's link says, which runs it filters, and which stretches of time must still be fetched.
import type { SpanFilter } from '../../gantt/filter.ts'
import { spanStates } from '../../gantt/spans.ts'
import { frozenOf, rangeOf, type Range } from '../../shell/range.ts'
import { momentIn } from '../../shell/rewinding.ts'
import type { SearchChanges } from '../../path.ts'

export const groupings = ['queue', 'worker', 'service', 'name'] as const
export const colorings = ['priority', 'status', 'attempt', 'service'] as const
export const orders = ['trouble', 'name', 'load'] as const
export const views = ['chart', 'table'] as const

export interface Window {
  from: number
  to: number
}
export interface Settings {
  group: (typeof groupings)[number]
  color: (typeof colorings)[number]
  order: (typeof orders)[number]
  view: (typeof views)[number]
  q: string
  /** Labels of the lanes to show; all unless the link says. */
  lanes: string[] | undefined
  /** Long idle stretches are drawn short. */
  folds: boolean
  selected: { queue: string; id: string; attempt: number } | undefined
}

type Param = (name: string) => string | undefined

const oneOf = <Value extends string>(values: readonly [Value, ...Value[]], text: string | undefined): Value =>
  values.find((value) => value === text) ?? values[0]

const RUN = /^([^:]+):(.+)#(\d+)$/

/** `{queue}:{id}#{attempt}`, the key of a run in links and in the stream. */
export const runKey = (run: NonNullable<Settings['selected']>): string => `${run.queue}:${run.id}#${run.attempt}`

const readRun = (text: string | undefined): Settings['selected'] => {
  const [, queue, id, attempt] = RUN.exec(text ?? '') ?? []
  return queue && id && attempt ? { queue, id, attempt: Number(attempt) } : undefined
}

/** Reads the link; what it does not say, or says wrongly, is the default. */
export const settingsOf = (param: Param): Settings => ({
  group: oneOf(groupings, param('group')),
  color: oneOf(colorings, param('color')),
  order: oneOf(orders, param('sort')),
  view: oneOf(views, param('view')),
  q: param('q') ?? '',
  lanes: lanesIn(param('lanes')),
  folds: param('gaps') === '1',
  selected: readRun(param('sel')),
})

/** Labels may hold commas, so each is written for a link by itself. */
const lanesIn = (text: string | undefined): string[] | undefined =>
  text === undefined || text === '' ? undefined : text.split(',').map(decoded)

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export const lanesOut = (lanes: readonly string[] | undefined): string | undefined =>
  lanes === undefined ? undefined : lanes.map(encodeURIComponent).join(',')

/** What must be written into the link for a setting; the default is left out. */
export const linked = <Value extends string>(value: Value, fallback: Value): string | undefined =>
  value === fallback ? undefined : value

/** The window a link asks for: frozen by `from` and `to`, else the last `t` up to now, followed, or up to the moment that is
 *  looked back to; without either, the usual range. */
export const windowOf = (param: Param, now: number, usual?: Range): { window: Window; follow: boolean } => {
  const frozen = frozenOf(param)
  if (frozen) return { window: frozen, follow: false }
  const { ms } = rangeOf(param('t'), usual)
  const back = momentIn(param('as_of'), now)
  if (back !== undefined) return { window: { from: back - ms, to: back }, follow: false }
  return { window: { from: now - ms, to: now }, follow: true }
}

/** All that decides the window, as one text to compare. */
export const windowStamp = (param: Param, usual?: Range): string => {
  const asked = ['t', 'from', 'to', 'as_of'].map((name) => param(name) ?? '').join(' ')
  return asked.trim() === '' ? `usual ${usual?.value ?? ''}` : asked
}

/** How a window stands in the link: absolute once it no longer follows now, which nobody does who looks back. */
export const windowSearch = ({ from, to }: Window, follow: boolean): SearchChanges =>
  follow
    ? { from: undefined, to: undefined, as_of: undefined }
    : { from: new Date(from).toISOString(), to: new Date(to).toISOString() }

/** Reads the filter: `state:failed` words choose states, the rest is text to be contained. */
export const filterOf = (q: string): SpanFilter => {
  const words = q.split(/\s+/).filter((word) => word !== '')
  const asked = words.filter((word) => word.startsWith('state:')).map((word) => word.slice(6))
  const states = spanStates.filter((state) => asked.includes(state))
  const text = words.filter((word) => !word.startsWith('state:')).join(' ')
  return { ...(states.length > 0 && { states }), ...(text !== '' && { text }) }
}

/** What to fetch so that a window is covered: it and as much again on either side, never the future; undefined when it
 *  is there. The first window comes alone, to be seen the sooner. */
export const missing = (window: Window, loaded: readonly Window[], now: number): Window | undefined => {
  const needed = { from: window.from, to: Math.min(window.to, now) }
  if (needed.from >= needed.to || loaded.some((known) => covers(known, window, now))) return undefined
  const length = loaded.length === 0 ? 0 : window.to - window.from
  return { from: needed.from - length, to: Math.min(needed.to + length, now) }
}

/** Whether a known stretch holds all of a window that is not the future. */
export const covers = (known: Window, window: Window, now: number): boolean =>
  known.from <= window.from && known.to >= Math.min(window.to, now)

/** Counts are read anew every few seconds: so far they may be behind now. */
const BEHIND_MS = 60_000

/** Whether counts are of all of a window that is not the future. */
export const isTold = (cells: { from: string; to: string }, window: Window, now: number): boolean =>
  covers({ from: Date.parse(cells.from), to: Date.parse(cells.to) + BEHIND_MS }, window, now)

/** Known stretches with one more; those that touch become one. */
export const joined = (loaded: readonly Window[], next: Window): Window[] => {
  const sorted = [...loaded, next].sort((one, other) => one.from - other.from)
  const result: Window[] = []
  for (const window of sorted) {
    const last = result.at(-1)
    if (last && window.from <= last.to) last.to = Math.max(last.to, window.to)
    else result.push({ ...window })
  }
  return result
}

/** Known stretches without what began before a time, as the store had to let that go. */
export const clipped = (loaded: readonly Window[], from: number): Window[] =>
  loaded.filter((window) => window.to > from).map((window) => ({ ...window, from: Math.max(window.from, from) }))

/** The server keeps attempts for a day, so that a busy queue does not fill Redis; what is older is counted only. */
const KEPT_MS = 86_400_000

/** Whether a window reaches back behind what is kept of attempts. */
export const isOld = (window: Window, now: number): boolean => window.from < now - KEPT_MS
