// Where nothing ran in any lane, so that it may be folded; a strip to look at never asks.
import type { Fold } from './folds.ts'
import type { Layout } from './layout.ts'
import type { TimeWindow } from './scale.ts'

/** A stretch folds when it is longer than this share of the window. */
const LEAST_SHARE = 0.15
const GRAINS = 512

/** The stretches of a window in which nothing ran in any lane, if they are long enough to be worth folding. Their edges stand
 *  still in time while the window moves. */
export const idleIn = (layout: Layout, window: TimeWindow, now: number): Fold[] => {
  const span = window.to - window.from
  const grain = 2 ** Math.ceil(Math.log2(span / GRAINS))
  const origin = Math.floor(window.from / grain)
  const busy = new Uint8Array(Math.ceil(window.to / grain) - origin + 1)
  const mark = (start: number, end: number): void => {
    if (end < window.from || start > window.to) return
    busy.fill(1, Math.max(0, Math.floor(start / grain) - origin), Math.floor(end / grain) - origin + 1)
  }
  for (const lane of layout.lanes) {
    for (const at of lane.told?.at ?? []) mark(at, at + (lane.told?.step ?? 0) - 1)
    for (const slot of lane.running) mark(lane.store.start[slot] as number, now)
    const last = lane.firstFrom(window.to)
    for (let at = lane.firstAt(window.from); at < last; at++) {
      const start = lane.starts[at] as number
      mark(start, start + Math.max(0, lane.runs[at] as number))
    }
  }
  // What is still to come is not idle.
  if (now < window.to) mark(now, window.to)
  return stretches(busy)
    .map(({ from, to }) => ({
      from: Math.max(window.from, (origin + from) * grain),
      to: Math.min(window.to, (origin + to) * grain),
    }))
    .filter(({ from, to }) => to - from > LEAST_SHARE * span)
}

const stretches = (busy: Uint8Array): Fold[] => {
  const found: Fold[] = []
  for (let at = 0; at < busy.length; at++) {
    if (busy[at] === 1) continue
    const from = at
    while (at < busy.length && busy[at] === 0) at++
    found.push({ from, to: at })
  }
  return found
}
