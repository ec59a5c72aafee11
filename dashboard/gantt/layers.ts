// What a frame is drawn in, from back to front. Where nothing overlaps the order does not matter, and shapes are kept apart by ink:
// a canvas takes as long to change its ink as to fill a rectangle.
import { Ops, type Fonts, type Pen, type Shape } from './ops.ts'

/** What shapes are put into. */
export interface Shapes {
  shape(shape: Shape, ink: number, x: number, y: number, width: number, height: number): void
}

/** Shapes that do not overlap, drawn ink by ink. */
export class ByInk implements Shapes {
  readonly #inks: (Ops | undefined)[] = []

  shape(shape: Shape, ink: number, x: number, y: number, width: number, height: number): void {
    const ops = (this.#inks[ink] ??= new Ops(64))
    ops.shape(shape, ink, x, y, width, height)
  }

  clear(): void {
    for (let ink = 0; ink < this.#inks.length; ink++) this.#inks[ink]?.clear()
  }

  replay(pen: Pen, inks: readonly string[], fonts: Fonts): void {
    for (let ink = 0; ink < this.#inks.length; ink++) this.#inks[ink]?.replay(pen, inks, fonts)
  }
}

export class Layers {
  /** The surface, the grid, and cells. */
  readonly back = new Ops()
  /** Time before a run. */
  readonly waits = new ByInk()
  /** Time after one. */
  readonly afters = new Ops()
  /** Bars: their outlines, then what fills them. */
  readonly edges = new ByInk()
  readonly fills = new ByInk()
  /** Strokes on bars. */
  readonly strokes = new ByInk()
  /** How bars ended, what is written on them, and what lies over them. */
  readonly front = new Ops()
  /** Feet: the gap around each, then outline and fill of what failed for now, and of what is dead. */
  readonly gaps = new Ops()
  readonly troubledEdges = new Ops()
  readonly troubled = new Ops()
  readonly deadEdges = new Ops()
  readonly dead = new Ops()
  /** The axis and now. */
  readonly top = new Ops()
  readonly #all = [
    ...[this.back, this.waits, this.afters, this.edges, this.fills, this.strokes, this.front],
    ...[this.gaps, this.troubledEdges, this.troubled, this.deadEdges, this.dead, this.top],
  ]

  clear(): void {
    for (const layer of this.#all) layer.clear()
  }

  replay(pen: Pen, inks: readonly string[], fonts: Fonts): void {
    for (const layer of this.#all) layer.replay(pen, inks, fonts)
  }
}
