// The cells of a lane: shades of how busy it was, and feet of what went wrong.
import { edgeOf, fillOf, ink, shadeOf, type ColorBy } from './ink.ts'
import type { Lane } from './lane.ts'
import type { Layers } from './layers.ts'
import { CELL_PX, footHeight, type Cells } from './lod.ts'
import { RECT, type Ops } from './ops.ts'
import type { Drawing } from './scene.ts'
import type { Told } from './told.ts'

export class CellPainter {
  readonly #layers: Layers
  readonly #cells: Cells

  constructor(layers: Layers, cells: Cells) {
    this.#layers = layers
    this.#cells = cells
  }

  /** What the server counted, as cells. */
  tell({ view, line }: Drawing, told: Told): void {
    const { from, to } = view.window
    for (let cell = told.from(from); cell < told.at.length; cell++) {
      const at = told.at[cell] as number
      if (at >= to) return
      const [all = 0, failed = 0, retrying = 0] = [told.all[cell], told.failed[cell], told.retrying[cell]]
      this.#cells.tell(line.shown(at), line.shown(at + told.step), { all, failed, retrying, share: all / told.most })
    }
  }

  paint(scene: Drawing, lane: Lane, y: number): void {
    if (!this.#cells.used) return
    this.#shades(scene, lane, y)
    this.#feet(scene, lane, y)
  }

  /** Cells next to each other that are equally busy, in the same sub-row, are one rectangle. */
  #shades(scene: Drawing, lane: Lane, y: number): void {
    const cells = this.#cells
    const rows = scene.layout.shown(lane)
    const fill = laneFill(scene.colorBy, lane)
    for (let cell = 0, next = 0; cell < cells.count; cell = next) {
      const shade = cells.shade(cell)
      const row = cells.rowOf(cell, rows)
      for (next = cell + 1; next < cells.count && cells.shade(next) === shade && cells.rowOf(next, rows) === row;)
        next++
      if (shade > 0) this.#shade(scene, lane, y, row, shadeOf(fill, shade), cell, next)
    }
  }

  /** Where bars take all sub-rows, a thin strip before the lowest tells of the rest. */
  #shade(scene: Drawing, lane: Lane, y: number, row: number, shade: number, cell: number, next: number): void {
    const x = this.#x(scene, cell)
    const width = this.#x(scene, next) - x
    const bottom = this.#rowBottom(scene, lane, y, row)
    const height = scene.layout.barHeight(lane)
    if (row === scene.layout.shown(lane)) this.#layers.front.shape(RECT, shade, x, bottom - 2, width, 3)
    else this.#layers.back.shape(RECT, shade, x, bottom - height, width, height)
  }

  #rowBottom({ layout }: Drawing, lane: Lane, y: number, row: number): number {
    const at = Math.min(row, layout.shown(lane) - 1)
    return y + layout.barTop + at * layout.pitch(lane) + layout.barHeight(lane)
  }

  /** What went wrong, from the sub-row's bottom: dead letters in red, below what failed for now. */
  #feet(scene: Drawing, lane: Lane, y: number): void {
    const cells = this.#cells
    const rows = scene.layout.shown(lane)
    const height = scene.layout.barHeight(lane) + 4
    for (let cell = 0; cell < cells.count; cell++) {
      if (cells.troubled[cell] === 0) continue
      const bottom = this.#rowBottom(scene, lane, y, cells.rowOf(cell, rows)) + 2
      this.#feetOf(cell, this.#x(scene, cell), bottom, height)
    }
  }

  #feetOf(cell: number, x: number, bottom: number, height: number): void {
    const { gaps, troubledEdges, troubled, deadEdges, dead } = this.#layers
    const all = this.#cells.all[cell] as number
    const failed = this.#cells.failed[cell] as number
    const wrong = this.#cells.troubled[cell] as number
    const red = footHeight(failed, all, height)
    const both = Math.max(footHeight(wrong, all, height), wrong > failed && red > 0 ? Math.min(height, red + 3) : 0)
    gaps.shape(RECT, ink.surface, x - 0.5, bottom - both - 1, CELL_PX, both + 1)
    if (wrong > failed) foot(troubledEdges, troubled, ink['fill-retrying'], x, bottom, both)
    if (red > 0) foot(deadEdges, dead, ink['fill-failed'], x, bottom, Math.min(red, wrong > failed ? both - 3 : both))
  }

  #x({ view, line }: Drawing, cell: number): number {
    return Math.round((this.#cells.timeOf(cell) - view.window.from) / line.scale)
  }
}

const foot = (edges: Ops, fills: Ops, fill: number, x: number, bottom: number, height: number): void => {
  const edge = edgeOf(fill)
  edges.shape(RECT, edge, x, bottom - height, CELL_PX - 1, height)
  if (edge !== fill) fills.shape(RECT, fill, x + 1, bottom - height + 1, CELL_PX - 3, height - 2)
}

/** The colour of a lane's cells: that of most of its runs. */
const laneFill = (colorBy: ColorBy, lane: Lane): number => {
  if (lane.told) return fillOf('priority', 1, 1, 1)
  if (colorBy === 'service') return fillOf('service', 0, 1, 1, lane.store.service[lane.slots[0] as number] ?? 0)
  if (colorBy !== 'priority') return fillOf(colorBy, 0, 1, 1)
  let most = 0
  for (let bin = 1; bin < 4; bin++) if ((lane.priorities[bin] as number) > (lane.priorities[most] as number)) most = bin
  return fillOf('priority', most, 1, 1)
}
