// Drawing operations as plain numbers in one growing array: written without allocating, replayed on a canvas.
import { grown } from './columns.ts'

/** What a canvas must be able to do; tests give a recorder. */
export interface Pen {
  fillStyle: string | CanvasGradient | CanvasPattern
  strokeStyle: string | CanvasGradient | CanvasPattern
  lineWidth: number
  font: string
  textBaseline: CanvasTextBaseline
  fillRect(x: number, y: number, width: number, height: number): void
  beginPath(): void
  roundRect(x: number, y: number, width: number, height: number, radii: number | number[]): void
  moveTo(x: number, y: number): void
  lineTo(x: number, y: number): void
  fill(): void
  stroke(): void
  fillText(text: string, x: number, y: number): void
}

export const RECT = 0
/** Rounded at all corners; `OPEN` only at the left, for what goes on. */
export const ROUND = 1
export const OPEN = 2
export const CROSS = 3
export const HATCH = 4
export const DASHES = 5
export const DOTS = 6
const TEXT = 7

export type Shape = typeof RECT | typeof ROUND | typeof OPEN | typeof CROSS | typeof HATCH | typeof DASHES | typeof DOTS

/** Fonts by number. */
export interface Fonts {
  readonly [index: number]: string
}

/** Rounded shapes of one ink are filled together, as a fill costs more than adding one; only a few, which lie near one another,
 *  as a canvas looks at all of them for each part of the picture they touch. */
const TOGETHER_MAX = 16

const STRIDE = 6
const RADIUS = 3
const LEFT_ROUND = [RADIUS, 0, 0, RADIUS]
const HATCH_PX = 5
const DASH_PX = 4
const DASH_STEP_PX = 7
const DOT_PX = 2
const DOT_STEP_PX = 5

/** A list of operations; `clear` keeps its memory for the next frame. */
export class Ops {
  length = 0
  #data: Float32Array
  readonly #texts: string[] = []
  /** The font the pen has; asking it costs as much as writing. */
  #font = ''

  /** Made with room for so many. */
  constructor(room = 1024) {
    this.#data = new Float32Array(room * STRIDE)
  }

  clear(): void {
    this.length = 0
    this.#texts.length = 0
  }

  /** Draws a shape in an ink, both by number. */
  shape(shape: Shape, ink: number, x: number, y: number, width: number, height: number): void {
    this.#push(shape, ink, x, y, width, height)
  }

  /** Writes text whose middle is at `y`. */
  text(text: string, font: number, ink: number, x: number, y: number): void {
    this.#push(TEXT, ink, x, y, this.#texts.push(text) - 1, font)
  }

  /** Draws everything, oldest first. */
  replay(pen: Pen, inks: readonly string[], fonts: Fonts): void {
    if (this.length === 0) return
    const data = this.#data
    let ink = -1
    let together = 0
    this.#font = ''
    for (let at = 0; at < this.length * STRIDE; at += STRIDE) {
      const kind = data[at] as number
      const isRound = kind === ROUND || kind === OPEN
      if (together > 0 && (data[at + 1] !== ink || together === TOGETHER_MAX || (!isRound && kind !== RECT))) {
        pen.fill()
        together = 0
      }
      if (data[at + 1] !== ink) {
        ink = data[at + 1] as number
        pen.fillStyle = inks[ink] ?? ''
      }
      if (kind === RECT)
        pen.fillRect(data[at + 2] as number, data[at + 3] as number, data[at + 4] as number, data[at + 5] as number) // prettier-ignore
      else if (isRound) this.#round(pen, at, together++)
      else this.#draw(pen, at, inks[ink] ?? '', fonts)
    }
    if (together > 0) pen.fill()
  }

  /** Adds a rounded shape to the path, which begins with it when none is there. */
  #round(pen: Pen, at: number, others: number): void {
    const data = this.#data
    if (others === 0) pen.beginPath()
    const radii = data[at] === OPEN ? LEFT_ROUND : RADIUS
    pen.roundRect(data[at + 2] as number, data[at + 3] as number, data[at + 4] as number, data[at + 5] as number, radii)
  }

  #push(kind: number, ink: number, x: number, y: number, width: number, height: number): void {
    const at = this.length * STRIDE
    if (at === this.#data.length) this.#data = grown(this.#data, at * 2)
    const data = this.#data
    data[at] = kind
    data[at + 1] = ink
    data[at + 2] = x
    data[at + 3] = y
    data[at + 4] = width
    data[at + 5] = height
    this.length++
  }

  #draw(pen: Pen, at: number, ink: string, fonts: Fonts): void {
    const data = this.#data
    const x = data[at + 2] as number
    const y = data[at + 3] as number
    const width = data[at + 4] as number
    const height = data[at + 5] as number
    if (data[at] === TEXT) this.#write(pen, x, y, width, fonts[height] ?? '')
    else drawShape(pen, data[at] as Drawn, ink, x, y, width, height)
  }

  #write(pen: Pen, x: number, y: number, text: number, font: string): void {
    if (this.#font !== font) {
      pen.font = this.#font = font
      pen.textBaseline = 'middle'
    }
    pen.fillText(this.#texts[text] ?? '', x, y)
  }
}

/** Shapes that are neither rectangles nor rounded ones. */
type Drawn = typeof CROSS | typeof HATCH | typeof DASHES | typeof DOTS

const drawShape = (pen: Pen, shape: Drawn, ink: string, x: number, y: number, width: number, height: number): void => {
  switch (shape) {
    case CROSS:
      return cross(pen, ink, x, y, width, height)
    case HATCH:
      return hatch(pen, ink, x, y, width, height)
    case DASHES:
      return repeat(pen, x, y, width, height, DASH_PX, DASH_STEP_PX)
    case DOTS:
      return repeat(pen, x, y, width, height, DOT_PX, DOT_STEP_PX)
    default:
      return shape satisfies never
  }
}

const cross = (pen: Pen, ink: string, x: number, y: number, width: number, height: number): void => {
  pen.strokeStyle = ink
  pen.lineWidth = 1.6
  pen.beginPath()
  pen.moveTo(x, y)
  pen.lineTo(x + width, y + height)
  pen.moveTo(x + width, y)
  pen.lineTo(x, y + height)
  pen.stroke()
}

/** Slanted lines that never leave the box. */
const hatch = (pen: Pen, ink: string, x: number, y: number, width: number, height: number): void => {
  pen.strokeStyle = ink
  pen.lineWidth = 1
  pen.beginPath()
  for (let left = x; left + height <= x + width; left += HATCH_PX) {
    pen.moveTo(left, y + height)
    pen.lineTo(left + height, y)
  }
  pen.stroke()
}

const repeat = (pen: Pen, x: number, y: number, width: number, height: number, on: number, step: number): void => {
  for (let left = x; left < x + width; left += step) pen.fillRect(left, y, Math.min(on, x + width - left), height)
}
