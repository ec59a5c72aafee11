// The marks of a bar: its body, how urgent it is, and how it ended.
import { edgeOf, ink, labelOn, shadeOf } from './ink.ts'
import type { Shapes } from './layers.ts'
import { CROSS, DOTS, HATCH, OPEN, RECT, ROUND } from './ops.ts'
import { CANCELLED, FAILED, RETRYING, RUNNING, STALLED } from './spans.ts'

/** A run while it is drawn. A frame has thousands, so one object serves them all, one after the other. */
export interface Bar {
  slot: number
  /** When it began. */
  start: number
  state: number
  priority: number
  /** The ink it is filled with. */
  fill: number
  /** Whether it has no end of its own: it goes on, or was cut off. */
  isOpen: boolean
  /** Where it begins and ends, in pixels, also far outside the plot. */
  left: number
  right: number
  /** Where it is drawn from and to. */
  from: number
  to: number
  top: number
  height: number
}

/** Fractions from the start: an engine then keeps the numbers in place instead of making new ones. */
export const blankBar = (): Bar => ({
  ...{ slot: 0, state: 0, priority: 0, fill: 0, isOpen: false },
  ...{ start: 0.5, left: 0.5, right: 0.5, from: 0.5, to: 0.5, top: 0.5, height: 0.5 },
})

const ROUND_FROM_PX = 10
const CROSS_FROM_PX = 26
const HATCH_PX = 44
export const THIN_PX = 4
export const CAP_PX = 4

/** The bar itself; what goes on is not rounded at its right. */
export const body = (edges: Shapes, fills: Shapes, { fill, isOpen, from, to, top, height }: Bar): void => {
  const width = to - from
  const shape = width < ROUND_FROM_PX ? RECT : isOpen ? OPEN : ROUND
  const edge = edgeOf(fill)
  edges.shape(shape, edge, from, top, width, height)
  if (edge !== fill && width > 3) fills.shape(shape, fill, from + 1, top + 1, width - 2, height - 2)
}

/** Time in which nothing could run: thin and dotted. */
export const held = (ops: Shapes, { from, to, top, height }: Bar): void => {
  const y = top + (height - THIN_PX) / 2
  ops.shape(RECT, shadeOf(ink['fill-held'], 1), from, y, to - from, THIN_PX)
  ops.shape(DOTS, ink['edge-held'], from, y + 1, to - from, 2)
}

/** Frames the run that is selected. */
export const frame = (ops: Shapes, { from, to, top, height }: Bar): void => {
  ops.shape(RECT, ink.text, from - 2, top - 3, to - from + 4, 2)
  ops.shape(RECT, ink.text, from - 2, top + height + 1, to - from + 4, 2)
  ops.shape(RECT, ink.text, from - 3, top - 3, 2, height + 6)
  ops.shape(RECT, ink.text, to + 1, top - 3, 2, height + 6)
}

/** One upright stroke for normal, two for high, three for critical. */
export const urgency = (ops: Shapes, { priority, fill, left, top, height }: Bar): void => {
  for (let mark = 0; mark < priority; mark++)
    ops.shape(RECT, labelOn(fill), left + 5 + mark * 4, top + height / 2 - 3, 2, 6)
}

/** How it ended, at its right: what went well needs no mark. */
export const ending = (ops: Shapes, bar: Bar): void => {
  const { state, right, top, height } = bar
  if (state === RUNNING) ops.shape(RECT, ink['fill-running'], right - 3, top - 2, 3, height + 4)
  else if (state === FAILED) lost(ops, bar)
  else if (state === RETRYING) cap(ops, ink['fill-retrying'], bar)
  else if (state === STALLED) stalled(ops, bar)
  else if (state === CANCELLED) ops.shape(RECT, ink['state-cancelled'], right - 2, top - 2, 2, height + 4)
}

const cap = (ops: Shapes, fill: number, { right, top, height }: Bar): void => {
  ops.shape(RECT, ink.surface, right - CAP_PX - 1, top, 1, height)
  ops.shape(RECT, edgeOf(fill), right - CAP_PX, top - 2, CAP_PX, height + 4)
  if (edgeOf(fill) !== fill) ops.shape(RECT, fill, right - CAP_PX + 1, top - 1, CAP_PX - 2, height + 2)
}

/** A dead letter: from some width on hatched before its cap, with a cross on a plate that reads on every fill. */
const lost = (ops: Shapes, bar: Bar): void => {
  if (bar.to - bar.from >= CROSS_FROM_PX) cross(ops, bar)
  cap(ops, ink['fill-failed'], bar)
}

const cross = (ops: Shapes, { from, right, top, height }: Bar): void => {
  const hatched = Math.min(right - from, HATCH_PX)
  const size = Math.min(8, height - 2)
  const plate = right - CAP_PX - size - 3
  ops.shape(HATCH, ink.surface, right - hatched, top, hatched - CAP_PX, height)
  ops.shape(RECT, ink['fill-failed'], plate, top, size + 3, height)
  ops.shape(CROSS, ink['on-fill-failed'], plate + 2, top + (height - size) / 2 + 1, size - 2, size - 2)
}

const stalled = (ops: Shapes, bar: Bar): void => {
  ops.shape(HATCH, ink.surface, bar.from, bar.top, bar.right - bar.from, bar.height)
  cap(ops, ink['state-stalled'], bar)
}
