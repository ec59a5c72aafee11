// The colours of a chart as the theme has them now, and the patterns that tell series apart without colour.
import type { Look, Pattern } from './picture.ts'

/** Reads a colour token, without its dashes. With forced colours only those of the system are left. */
export type Inks = (name: string) => string

export const readInks = (within: Element): Inks => {
  if (matchMedia('(forced-colors: active)').matches) return forced
  const style = getComputedStyle(within)
  return (name) => style.getPropertyValue(`--${name}`).trim()
}

const forced: Inks = (name) => {
  if (name === 'surface' || name === 'sunken') return 'Canvas'
  return name === 'line' ? 'GrayText' : 'CanvasText'
}

/** Side of the tile a pattern repeats, in pixels of the page. */
const TILE = 8

type Painter = (ctx: OffscreenCanvasRenderingContext2D) => void

const stroke =
  (...lines: [number, number, number, number][]): Painter =>
  (ctx) => {
    ctx.beginPath()
    for (const [x, y, toX, toY] of lines) {
      ctx.moveTo(x, y)
      ctx.lineTo(toX, toY)
    }
    ctx.stroke()
  }

const up: [number, number, number, number][] = [[-2, 6, 6, -2], [-2, 14, 14, -2], [2, 10, 10, 2]] // prettier-ignore
const down: [number, number, number, number][] = [[2, -2, 10, 6], [-2, -2, 14, 14], [-2, 2, 6, 10]] // prettier-ignore

const painters: Record<Exclude<Pattern, 'plain'>, Painter> = {
  stripes: stroke(...up.slice(0, 2)),
  hatch: stroke(...up.slice(0, 2), ...down.slice(0, 2)),
  lines: stroke([0, 4, 8, 4]),
  columns: stroke([4, 0, 4, 8]),
  dots: (ctx) => {
    ctx.beginPath()
    ctx.arc(4, 4, 1.4, 0, 7)
    ctx.fill()
  },
}

/** What a series is filled with. */
export const fillOf = ({ ink, pattern }: Look, inks: Inks): string | CanvasPattern => {
  if (pattern === 'plain') return inks(ink)
  return tile(pattern, inks(ink), inks('surface')) ?? inks(ink)
}

/** What lies where nothing is known. */
export const unknownGround = (inks: Inks): string | CanvasPattern => tile('stripes', inks('sunken'), inks('line')) ?? inks('sunken') // prettier-ignore

const tile = (pattern: Exclude<Pattern, 'plain'>, ground: string, over: string): CanvasPattern | null => {
  const scale = Math.max(1, devicePixelRatio)
  const side = TILE * scale
  const ctx = new OffscreenCanvas(side, side).getContext('2d')
  if (!ctx) return null
  ctx.scale(scale, scale)
  ctx.fillStyle = ground
  ctx.fillRect(0, 0, TILE, TILE)
  ctx.strokeStyle = ctx.fillStyle = over
  ctx.lineWidth = 1.4
  painters[pattern](ctx)
  const made = ctx.createPattern(ctx.canvas, 'repeat')
  made?.setTransform(new DOMMatrix().scale(1 / scale))
  return made
}
