// The canvas a chart draws on: its size in device pixels, its colours and its fonts.
import { readInks } from './ink.ts'
import type { Fonts, Pen } from './ops.ts'
import { Resolution } from './resolution.ts'

export class Stage {
  readonly pen: Pen & CanvasRenderingContext2D
  inks: readonly string[]
  fonts: Fonts
  /** How much larger than usual the reader's text is. */
  textScale: number
  #resolution = new Resolution(devicePixelRatio)
  #drawings = 0
  readonly #canvas: HTMLCanvasElement
  readonly #widths = new Map<string, number>()
  readonly #scrollTo: (top: number) => void

  /** `scrollTo` scrolls the lanes. Throws where the browser has no 2D canvas. */
  constructor(canvas: HTMLCanvasElement, scrollTo: (top: number) => void) {
    const pen = canvas.getContext('2d', { alpha: false })
    if (!pen) throw new Error('this browser cannot draw on a canvas')
    this.pen = pen
    this.#canvas = canvas
    this.#scrollTo = scrollTo
    this.inks = []
    this.fonts = []
    this.textScale = 1
    this.read()
  }

  /** The width of a label in pixels. */
  readonly measure = (text: string): number => {
    const known = this.#widths.get(text)
    if (known !== undefined) return known
    if (this.#widths.size > 4000) this.#widths.clear()
    this.pen.font = this.fonts[0] ?? ''
    const { width } = this.pen.measureText(text)
    this.#widths.set(text, width)
    return width
  }

  /** Reads colours, fonts and the screen's resolution again. */
  read(): void {
    const style = getComputedStyle(this.#canvas)
    this.textScale = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16
    const size = 12 * this.textScale
    this.fonts = [
      `500 ${size}px ${style.fontFamily}`,
      `500 ${size}px ${style.getPropertyValue('--mono') || 'monospace'}`,
    ]
    this.inks = readInks(this.#canvas.parentElement ?? document.body)
    this.#widths.clear()
    this.#resolution = new Resolution(devicePixelRatio)
  }

  /** Resolves once the fonts can be drawn with; a font that cannot be had does not hold the chart up. */
  async ready(): Promise<void> {
    await Promise.allSettled([this.fonts[0], this.fonts[1]].map((font) => document.fonts.load(font ?? '', 'a1')))
    this.#widths.clear()
  }

  /** Makes the canvas fit before a drawing. Says whether that emptied it. */
  begin(width: number, height: number): boolean {
    const { ratio } = this.#resolution
    const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)]
    const isOther = this.#canvas.width !== across || this.#canvas.height !== down
    if (isOther) [this.#canvas.width, this.#canvas.height] = [across, down]
    this.pen.setTransform(ratio, 0, 0, ratio, 0, 0)
    return isOther
  }

  /** Draws in a strip across the canvas only. */
  within(top: number, height: number, draw: () => void): void {
    this.pen.save()
    this.pen.beginPath()
    this.pen.rect(0, top, this.#canvas.width, height)
    this.pen.clip()
    draw()
    this.pen.restore()
  }

  /** Takes how long a frame had to wait for its turn; when that is too long too often, fewer pixels are drawn. */
  waited(ms: number): void {
    this.#resolution.frame(ms)
  }

  /** Takes how long a drawing took, how many runs there were to draw and what drew them; who measures reads it off the canvas,
   *  with how many drawings there were, which is written last. */
  drew(ms: number, runs: number, chart: object): void {
    Object.assign(this.#canvas, { chart, drawMs: ms, drawnRuns: runs, drawings: ++this.#drawings })
  }

  scrollTo(top: number): void {
    this.#scrollTo(top)
  }
}
