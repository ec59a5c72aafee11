// A picture in words: values with their units, and a bucket as it is read aloud.
import { count, duration } from '../ui/format.ts'
import { bucketAt } from './axis.ts'
import type { Picture, Unit } from './picture.ts'

/** `1,204`, `3.4 s`, or that nothing is known. */
export const valueWords = (value: number | null | undefined, unit: Unit): string => {
  if (value === null || value === undefined) return 'not known'
  // A tenth of a percent is told where there is one: `97 %`, `97.4 %`.
  if (unit === 'share') return `${Math.round(value * 1_000) / 10} %`
  return unit === 's' ? duration(value * 1_000) : count(value)
}

/** What is in a bucket, series that are empty left out. */
export const bucketWords = ({ axis, series, marks }: Picture, bucket: number): string => {
  const known = series.filter(({ y }) => y[bucket] !== null && y[bucket] !== undefined)
  const told = known.filter(({ y, as }) => as === 'line' || as === 'curve' || y[bucket] !== 0)
  const values = told.map(({ label, unit, y }) => `${label} ${valueWords(y[bucket], unit)}`)
  const beside = marks.filter(({ at }) => axis.isTime && bucketAt(axis, at) === bucket).map(({ text }) => text)
  const nothing = known.length === 0 ? 'nothing is known' : told.length === 0 ? 'nothing happened' : undefined
  const still = axis.isPartial && bucket === axis.starts.length - 1 ? ' so far' : ''
  return `${axis.label(bucket)}${still}: ${[nothing ?? values.join(', '), ...beside].join('; ')}`
}

/** Says where nothing is known, which is not the same as nothing; undefined where all is. */
export const gapWords = ({ axis, series }: Picture): string | undefined => {
  const drawn = series.filter(({ as }) => as === 'bars' || as === 'down')
  const missing = axis.starts.map((_, bucket) => drawn.every(({ y }) => y[bucket] === null))
  if (drawn.length === 0 || !missing.includes(true)) return undefined
  if (!missing.includes(false)) return 'Nothing was recorded in this time.'
  const first = missing.indexOf(false)
  const last = missing.lastIndexOf(false)
  if (!missing.slice(first, last).includes(true) && last === missing.length - 1)
    return `Nothing was recorded before ${edge(axis, first)}.`
  if (first === 0 && !missing.slice(0, last).includes(true))
    return `Nothing was recorded since ${edge(axis, last + 1)}.`
  return 'Where the ground is striped, nothing was recorded.'
}

/** Where a bucket begins. */
export const edge = ({ label }: Picture['axis'], bucket: number): string => label(bucket).split('–')[0] ?? ''
