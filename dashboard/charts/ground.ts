// What is drawn beside the series: the ground where nothing is known, marks, and the outline of a bucket that still fills.
import type { Chart, Plugin } from 'chart.js'
import type { Inks } from './inks.ts'
import { unknownGround } from './inks.ts'
import type { Picture } from './picture.ts'

/** What the plugin draws by; it changes with every picture. */
export interface Ground {
  picture: Picture
  inks: Inks
}

export const groundPlugin = (now: () => Ground | undefined): Plugin => ({
  id: 'ground',
  beforeDatasetsDraw(chart) {
    const ground = now()
    if (ground) drawUnknown(chart, ground)
  },
  afterDatasetsDraw(chart) {
    const ground = now()
    if (!ground) return
    drawMarks(chart, ground)
    if (ground.picture.axis.isPartial) drawUnfinished(chart, ground)
  },
})

const xAt = (chart: Chart, value: number): number => chart.scales['x']?.getPixelForValue(value) ?? 0

const drawUnknown = (chart: Chart, { picture: { axis, series }, inks }: Ground): void => {
  const { ctx, chartArea } = chart
  ctx.fillStyle = unknownGround(inks)
  for (const [bucket, start] of axis.starts.entries()) {
    if (series.some(({ y }) => y[bucket] !== null)) continue
    const left = xAt(chart, start)
    ctx.fillRect(left, chartArea.top, xAt(chart, start + axis.step) - left + 0.5, chartArea.bottom - chartArea.top)
  }
}

const drawMarks = (chart: Chart, { picture: { marks }, inks }: Ground): void => {
  const { ctx, chartArea } = chart
  ctx.save()
  ctx.strokeStyle = ctx.fillStyle = inks('state-failed')
  ctx.setLineDash([1, 2])
  for (const { at } of marks) {
    const x = Math.round(xAt(chart, at)) + 0.5
    if (x < chartArea.left || x > chartArea.right) continue
    ctx.beginPath()
    ctx.moveTo(x, chartArea.top)
    ctx.lineTo(x, chartArea.bottom)
    ctx.stroke()
    ctx.beginPath()
    ctx.moveTo(x - 4, chartArea.top - 6)
    ctx.lineTo(x + 4, chartArea.top - 6)
    ctx.lineTo(x, chartArea.top)
    ctx.fill()
  }
  ctx.restore()
}

/** A dashed box around the last bucket, as high as its bars. */
const drawUnfinished = (chart: Chart, { picture: { axis }, inks }: Ground): void => {
  const { ctx } = chart
  const boxes = chart
    .getSortedVisibleDatasetMetas()
    .filter(({ type }) => type === 'bar')
    .map(
      ({ data }) =>
        data[axis.starts.length - 1]?.getProps(['x', 'y', 'base', 'width'] as never, true) as unknown as Box,
    )
    .filter((box) => box !== undefined && Number.isFinite(box.y) && box.y !== box.base)
  const [first] = boxes
  if (!first) return
  const ends = boxes.flatMap(({ y, base }) => [y, base])
  const [top, bottom] = [Math.min(...ends), Math.max(...ends)]
  ctx.save()
  ctx.fillStyle = inks('surface')
  ctx.globalAlpha = 0.55
  ctx.fillRect(first.x - first.width / 2, top, first.width, bottom - top)
  ctx.globalAlpha = 1
  ctx.strokeStyle = inks('text')
  ctx.setLineDash([3, 2])
  ctx.strokeRect(first.x - first.width / 2, top, first.width, bottom - top)
  ctx.restore()
}

interface Box {
  x: number
  y: number
  base: number
  width: number
}
