// All that decides what a frame looks like.
import type { Line } from './folds.ts'
import type { View } from './hit.ts'
import type { ColorBy } from './ink.ts'
import type { Layout } from './layout.ts'

export interface Scene {
  layout: Layout
  view: View
  /** Of the drawing, in pixels, with the axis. */
  height: number
  /** How far the lanes are scrolled up. */
  scrollTop: number
  /** The height of the axis, 0 for none. */
  axis: number
  colorBy: ColorBy
  zone: string
  /** The width of a text in the label font, in pixels. */
  measure: (text: string) => number
  /** The slot of the run that is framed, or -1. */
  selected: number
}

/** A scene while it is drawn: where time lies in it is asked for at every bar. */
export interface Drawing extends Scene {
  line: Line
}

export const AXIS_PX = 26
export const LABEL_FONT = 0
export const AXIS_FONT = 1

/** Whether a drawing of one scene shows the other, as long as no run changed. */
export const isSame = (one: Scene, other: Scene): boolean =>
  (Object.keys(one) as (keyof Scene)[]).every((part) => one[part] === other[part])
