// How reasons are worded: lengths of time, counts, and the figures beside a sentence.
import { toIso } from '../kernel/clock.ts'
import type { Cause, Evidence, Reason } from './words.ts'

const units: [ms: number, name: string][] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
]

/** A length of time in its largest whole unit. */
export const span = (ms: number): string => {
  const [size, name] = units.find(([unit]) => ms >= unit) ?? [1, 'ms']
  const whole = Math.round(ms / size)
  // 59.9 minutes are an hour.
  const larger = units.find(([unit]) => unit > size && whole * size >= unit)
  return larger ? span(whole * size) : `${whole} ${name}`
}

/** An instant as a sentence says it: `2026-11-26 09:10:21 UTC`. */
export const moment = (iso: string): string => `${iso.slice(0, 19).replace('T', ' ')} UTC`

export const jobs = (count: number): string => (count === 1 ? '1 job' : `${count.toLocaleString('en')} jobs`)

/** Bytes as people say them. */
export const bytes = (count: number): string => {
  const mebibytes = count / 1_048_576
  return mebibytes >= 1_024 ? `${(mebibytes / 1_024).toFixed(1)} GiB` : `${Math.round(mebibytes)} MiB`
}

/** Text others wrote, short enough for a sentence. */
export const brief = (text: string): string => text.split('\n', 1)[0]?.slice(0, 200) ?? ''

type Value = Evidence['value'] | undefined

/** Collects figures; what is not known is left out. */
export const evidence = (
  ...figures: [name: string, label: string, unit: Evidence['unit'], value: Value][]
): Evidence[] =>
  figures.flatMap(([name, label, unit, value]) =>
    value === undefined || value === null
      ? []
      : [{ name, label, unit, value: unit === 'instant' && typeof value === 'number' ? toIso(value) : value }],
  )

export const reason = (cause: Cause, says: string, figures: Evidence[] = [], remedy: string | null = null): Reason => ({
  cause,
  says,
  evidence: figures,
  remedy,
})
