// The only file that knows the engine: Chart.js without what we do ourselves, fed with pictures.
import { BarController, BarElement, Chart, LinearScale, LineController, LineElement, LogarithmicScale, PointElement } from 'chart.js' // prettier-ignore
import type { ChartOptions } from 'chart.js'
import { datasetsOf, scalesOf, type Scales } from './datasets.ts'
import { groundPlugin, type Ground } from './ground.ts'
import { readInks, type Inks } from './inks.ts'
import type { Picture, Unit } from './picture.ts'
import { valueWords } from './words.ts'

Chart.register(BarController, BarElement, LineController, LineElement, PointElement, LinearScale, LogarithmicScale)

/** Where buckets lie within the canvas, in its pixels. */
export interface Area {
  left: number
  right: number
}

export interface Drawing {
  show(picture: Picture, isLog: boolean): void
  close(): void
}

const TICK_PX = 64
const FONT_PX = 12

/** Makes a drawing on a canvas; `onArea` hears where the buckets lie whenever that changes. */
export const openDrawing = (canvas: HTMLCanvasElement, onArea: (area: Area) => void): Drawing => {
  let ground: Ground | undefined
  let chart: Chart<'bar' | 'line', { x: number; y: number }[]> | undefined
  const plugins = [
    groundPlugin(() => ground),
    { id: 'area', afterLayout: ({ chartArea: { left, right } }: Chart) => onArea({ left, right }) },
  ]
  return {
    show(picture, isLog) {
      const inks = readInks(canvas)
      ground = { picture, inks }
      const bucketPx = canvas.clientWidth / Math.max(1, picture.axis.starts.length)
      const datasets = datasetsOf(picture, { inks, bucketPx, isLog })
      const options = optionsOf(picture, inks, scalesOf(picture, isLog), isLog)
      if (!chart) {
        // To make one is to draw it: that is done when it is its turn, too.
        chart = new Chart(canvas, { type: 'bar', data: { datasets }, options, plugins })
        return
      }
      chart.data.datasets = datasets
      chart.options = options
      chart.update('none')
    },
    close: () => chart?.destroy(),
  }
}

const still: ChartOptions<'bar' | 'line'> = {
  animation: false,
  parsing: false,
  normalized: true,
  maintainAspectRatio: false,
  events: [],
}

const unitOf = (picture: Picture, side: 'left' | 'right'): Unit =>
  picture.series.find(({ as }) => (side === 'right' ? as === 'line' : as === 'bars' || as === 'curve'))?.unit ?? 'jobs'

const optionsOf = (
  picture: Picture,
  inks: Inks,
  { left, right }: Scales,
  isLog: boolean,
): ChartOptions<'bar' | 'line'> => {
  const { axis } = picture
  const from = axis.starts[0] ?? 0
  const style = getComputedStyle(document.documentElement)
  const font = { family: style.getPropertyValue('--sans').trim(), size: FONT_PX }
  const ticks = { color: inks('text3'), font, autoSkip: false, maxRotation: 0 }
  const labels = new Map<number, string>()
  const values = (unit: Unit, marks: readonly number[]) => ({
    ticks: { ...ticks, callback: (value: number | string) => valueWords(Math.abs(Number(value)), unit) },
    afterBuildTicks: (scale: { ticks: { value: number }[] }) => {
      scale.ticks = marks.map((value) => ({ value }))
    },
    border: { display: false },
  })
  return {
    ...still,
    // Room for the heads of marks.
    layout: { padding: { top: 8 } },
    scales: {
      x: {
        type: 'linear',
        min: from,
        max: from + axis.step * Math.max(1, axis.starts.length),
        stacked: !isLog,
        offset: false,
        grid: { display: false },
        border: { color: inks('control-line') },
        ticks: { ...ticks, callback: (value) => labels.get(Number(value)) ?? '' },
        afterBuildTicks(scale) {
          const marks = axis.ticks(Math.max(2, Math.floor(scale.chart.width / TICK_PX)))
          scale.ticks = marks.map(({ at, label }) => {
            labels.set(at, label)
            return { value: at }
          })
        },
      },
      y: {
        type: isLog ? 'logarithmic' : 'linear',
        min: left.min,
        max: left.max,
        stacked: !isLog,
        grid: { color: inks('line') },
        ...values(unitOf(picture, 'left'), left.ticks),
      } as never,
      ...(right && {
        y2: {
          type: 'linear',
          position: 'right',
          min: right.min,
          max: right.max,
          grid: { display: false },
          ...values(unitOf(picture, 'right'), right.ticks),
        } as never,
      }),
    },
  }
}
