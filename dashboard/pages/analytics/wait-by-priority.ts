// How long jobs of each priority waited: a box from the quarter to the three quarters, and what waits longest.
import type { Timeseries } from '../../../shared/metrics/contract.ts'
import { spanNote } from '../../charts/kind.ts'
import { loadMetric } from '../../charts/metric.ts'
import { ownChart } from '../../charts/own.ts'
import { count, duration } from '../../ui/format.ts'

export const bins = ['critical', 'high', 'normal', 'low'] as const

export interface Wait {
  bin: (typeof bins)[number]
  ended: number
  /** Seconds that 25, 50, 75 and 95 of 100 waited at most. */
  p25: number
  p50: number
  p75: number
  p95: number
}

/** The priorities of which jobs ended, most urgent first. */
export const waitsOf = ({ series }: Pick<Timeseries, 'series'>): Wait[] => {
  const value = (key: string): number => series.find((one) => one.key === key)?.y[0] ?? 0
  return bins
    .map((bin): Wait => ({
      ...{ bin, ended: value(`${bin}_ended`) },
      ...{ p25: value(`${bin}_p25`), p50: value(`${bin}_p50`), p75: value(`${bin}_p75`), p95: value(`${bin}_p95`) },
    }))
    .filter(({ ended }) => ended > 0)
}

const words = (s: number): string => duration(s * 1_000)
const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`

export const waitByPriority = ownChart<Timeseries>({
  id: 'wait-by-priority',
  title: 'Waited, by priority',
  topics: ['job:*'],
  note: spanNote,
  load: async (api, asked) => (await loadMetric(api, 'wait', asked)).now,
  empty: (told, scope) => (waitsOf(told).length === 0 ? `No job ended ${scope.words}.` : undefined),
  reading: (told) => readingOf(waitsOf(told)),
  table: (told) => ({
    columns: ['Priority', 'Jobs', '25 of 100', '50 of 100', '75 of 100', '95 of 100'],
    rows: waitsOf(told).map(({ bin, ended, p25, p50, p75, p95 }) => ({
      key: bin,
      cells: [capital(bin), count(ended), words(p25), words(p50), words(p75), words(p95)],
    })),
  }),
})

/** Whether what is less urgent starves, or what is urgent waits as long as the rest. */
export const readingOf = (waits: readonly Wait[]): string => {
  const [first, last] = [waits[0], waits.at(-1)]
  if (!first || !last) return ''
  const of = ({ bin, p95 }: Wait): string => `${words(p95)} for ${bin}`
  if (first === last) return `95 of 100 jobs waited at most ${of(first)}.`
  const apart = first.p95 >= last.p95 ? ' What is urgent waits no less than the rest.' : last.p95 > 20 * Math.max(first.p95, 0.05) ? ` ${capital(last.bin)} jobs starve.` : '' // prettier-ignore
  return `95 of 100 jobs waited at most ${of(first)}, ${of(last)}.${apart}`
}

/** Where a time lies on a scale of powers of ten from 1 ms to the longest, 0–1. */
export const logShare = (s: number, longest: number): number => {
  const [least, most] = [-3, Math.max(0, Math.ceil(Math.log10(Math.max(longest, 0.001))))]
  return Math.min(1, Math.max(0, (Math.log10(Math.max(s, 0.001)) - least) / (most - least)))
}

/** The powers of ten of that scale, in seconds. */
export const powersOf = (longest: number): number[] => {
  const most = Math.max(0, Math.ceil(Math.log10(Math.max(longest, 0.001))))
  return Array.from({ length: most + 4 }, (_, step) => 10 ** (step - 3))
}
