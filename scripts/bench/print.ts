// How results are told: a line for each bar, and the line of the method at the end of each row.
import type { Figure, RowResult } from './row.ts'
import { judge, judgeRow, spread } from './stats.ts'
import type { Bar, Limit, Spread, Verdict } from './stats.ts'

const round = (value: number): string =>
  Math.abs(value) >= 1_000 ? Math.round(value).toString() : Number(value.toPrecision(3)).toString()
const limitText = (limit: Limit, unit: string): string =>
  'atMost' in limit ? `≤ ${round(limit.atMost)}${unit}` : `≥ ${round(limit.atLeast)}${unit}`
const unitOf = ({ unit }: Bar): string => (unit === undefined ? '×' : ` ${unit}`)
const spreadText = ({ q1, median, q3 }: Spread): string => `${round(median)} (${round(q1)}–${round(q3)})`

export interface JudgedFigure extends Spread {
  readonly bar: Bar
  readonly values: readonly number[]
  readonly verdict: Verdict
  readonly moonshot: boolean
  readonly near: boolean
}

/** A row's result as it is printed and written to JSON. */
export interface Report {
  readonly row: string
  readonly title: string
  readonly floor: string
  readonly figures: readonly JudgedFigure[]
  readonly notes: readonly string[]
  readonly idle: number
  readonly steal: number
  readonly seconds: number
  readonly verdict: Verdict
}

export const reportOf = ({ row, figures, notes, load, seconds }: RowResult): Report => {
  const judged = figures.map(({ bar, values }: Figure) => {
    const measured = spread(values)
    return { bar, values, ...measured, ...judge(bar, measured, load.idle) }
  })
  const verdict = judgeRow(judged.map((figure) => ({ kind: figure.bar.kind, verdict: figure.verdict })))
  return { row: row.id, title: row.title, floor: row.floor, figures: judged, notes, ...load, seconds, verdict }
}

const figureLine = (figure: JudgedFigure): string => {
  const { bar } = figure
  const unit = unitOf(bar)
  const aim = bar.moonshot ? ` · moonshot ${limitText(bar.moonshot, unit)}` : ''
  const extra = `${figure.moonshot ? ', moonshot' : ''}${figure.near ? ', near the bar: repeat' : ''}`
  return `    ${bar.name} ${spreadText(figure)}${unit} · must ${limitText(bar.must, unit)}${aim} · ${figure.verdict}${extra}`
}

const summary = ({ figures, idle, steal, seconds, verdict }: Report): string => {
  const measured = (['rate', 'cpu', 'time'] as const).flatMap((kind) => {
    const figure = figures.find(({ bar }) => bar.kind === kind)
    return figure ? [`${kind} ${spreadText(figure)}`] : []
  })
  const load = [`idle ${idle.toFixed(0)} %`, `steal ${steal.toFixed(0)} %`, `${seconds.toFixed(0)} s`]
  return `    ${[...measured, ...load].join(' ')} → ${verdict}`
}

/** A row for people. */
export const textOf = (report: Report): string =>
  [
    `${report.row.padEnd(3)} ${report.title}`,
    `    floor: ${report.floor}`,
    ...report.figures.map(figureLine),
    ...report.notes.map((note) => `    ${note}`),
    summary(report),
    '',
  ].join('\n')
