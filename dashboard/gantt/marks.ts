// The marks of a bar: its body, how urgent it is, and how it ended.
import { edgeOf, ink, labelOn, shadeOf } from './ink.ts'
import { CROSS, DOTS, HATCH, OPEN, RECT, ROUND, type Ops } from './ops.ts'
import { CANCELLED, FAILED, RETRYING, RUNNING, STALLED } from './spans.ts'

const ROUND_FROM_PX = 10
const CROSS_FROM_PX = 26
const HATCH_PX = 44
export const THIN_PX = 4
export const CAP_PX = 4

/** The bar itself; what goes on is not rounded at its right. */
export const body = (
  ops: Ops,
  isOpen: boolean,
  fill: number,
  x: number,
  top: number,
  width: number,
  height: number,
): void => {
  const shape = width < ROUND_FROM_PX ? RECT : isOpen ? OPEN : ROUND
  const edge = edgeOf(fill)
  ops.shape(shape, edge, x, top, width, height)
  if (edge !== fill && width > 3) ops.shape(shape, fill, x + 1, top + 1, width - 2, height - 2)
}

/** Time in which nothing could run: thin and dotted. */
export const held = (ops: Ops, x: number, end: number, top: number, height: number): void => {
  const y = top + (height - THIN_PX) / 2
  ops.shape(RECT, shadeOf(ink['fill-held'], 1), x, y, end - x, THIN_PX)
  ops.shape(DOTS, ink['edge-held'], x, y + 1, end - x, 2)
}

/** Frames the run that is selected. */
export const frame = (ops: Ops, x: number, top: number, width: number, height: number): void => {
  ops.shape(RECT, ink.text, x - 2, top - 3, width + 4, 2)
  ops.shape(RECT, ink.text, x - 2, top + height + 1, width + 4, 2)
  ops.shape(RECT, ink.text, x - 3, top - 3, 2, height + 6)
  ops.shape(RECT, ink.text, x + width + 1, top - 3, 2, height + 6)
}

/** How it ended, at its right: what went well needs no mark. */
export const ending = (ops: Ops, state: number, right: number, width: number, top: number, height: number): void => {
  if (state === RUNNING) ops.shape(RECT, ink['fill-running'], right - 3, top - 2, 3, height + 4)
  else if (state === FAILED) lost(ops, right, width, top, height)
  else if (state === RETRYING) cap(ops, ink['fill-retrying'], right, top, height)
  else if (state === STALLED) stalled(ops, right, width, top, height)
  else if (state === CANCELLED) ops.shape(RECT, ink['state-cancelled'], right - 2, top - 2, 2, height + 4)
}

const cap = (ops: Ops, fill: number, right: number, top: number, height: number): void => {
  ops.shape(RECT, ink.surface, right - CAP_PX - 1, top, 1, height)
  ops.shape(RECT, edgeOf(fill), right - CAP_PX, top - 2, CAP_PX, height + 4)
  if (edgeOf(fill) !== fill) ops.shape(RECT, fill, right - CAP_PX + 1, top - 1, CAP_PX - 2, height + 2)
}

/** A dead letter: hatched before its cap, and a cross on a plate so that it reads on every fill. */
const lost = (ops: Ops, right: number, width: number, top: number, height: number): void => {
  if (width >= CROSS_FROM_PX) {
    ops.shape(HATCH, ink.surface, right - Math.min(width, HATCH_PX), top, Math.min(width, HATCH_PX) - CAP_PX, height)
    const size = Math.min(8, height - 2)
    ops.shape(RECT, ink['fill-failed'], right - CAP_PX - size - 3, top, size + 3, height)
    const y = top + (height - size) / 2
    ops.shape(CROSS, ink['on-fill-failed'], right - CAP_PX - size - 1, y + 1, size - 2, size - 2)
  }
  cap(ops, ink['fill-failed'], right, top, height)
}

const stalled = (ops: Ops, right: number, width: number, top: number, height: number): void => {
  ops.shape(HATCH, ink.surface, right - width, top, width, height)
  cap(ops, ink['state-stalled'], right, top, height)
}

/** One upright stroke for normal, two for high, three for critical. */
export const priority = (ops: Ops, bin: number, fill: number, left: number, top: number, height: number): void => {
  for (let mark = 0; mark < bin; mark++) ops.shape(RECT, labelOn(fill), left + 5 + mark * 4, top + height / 2 - 3, 2, 6)
}
