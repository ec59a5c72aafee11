// Parts of the one sentence below a title: how much, when it changed, and what it mostly is.
import { count } from '../ui/format.ts'
import { sumOf, type Series } from './picture.ts'

/** A share in whole percent; never all while something is missing, never none while there is something. */
export const shareWords = (part: number, whole: number): string => {
  if (whole === 0) return '0 %'
  const percent = Math.round((part / whole) * 100)
  if (percent === 100 && part < whole) return '99 %'
  return percent === 0 && part > 0 ? 'under 1 %' : `${percent} %`
}

export interface Turn {
  /** The first bucket of the new time. */
  bucket: number
  before: number
  after: number
}

/** Counts below this tell nothing of a change. */
const LEAST = 10
const SIDE = 3

/** Where a series changed most, when it at least doubled or halved there; means of the known buckets on both sides. */
export const turnOf = (y: readonly (number | null)[]): Turn | undefined => {
  const known = y.flatMap((value, bucket) => (value === null ? [] : [{ bucket, value }]))
  if (sumOf(y) < LEAST) return undefined
  let best: (Turn & { weight: number }) | undefined
  for (let cut = SIDE; cut <= known.length - SIDE; cut++) {
    const [before, after] = [known.slice(0, cut), known.slice(cut)].map((side) => sumOf(side.map(({ value }) => value)) / side.length) // prettier-ignore
    const weight = ((before ?? 0) - (after ?? 0)) ** 2 * cut * (known.length - cut)
    if (weight > (best?.weight ?? 0)) best = { bucket: known[cut]?.bucket ?? 0, before: before ?? 0, after: after ?? 0, weight } // prettier-ignore
  }
  if (!best || (best.after < 2 * best.before && best.before < 2 * best.after)) return undefined
  const { weight: _weight, ...turn } = best
  return turn
}

/** `doubled`, `grew fivefold`, `fell to a third`, `began`, `ended`. */
export const turnWords = ({ before, after }: Turn): string => {
  if (before === 0) return 'began'
  if (after === 0) return 'ended'
  const factor = Math.round(after > before ? after / before : before / after)
  if (after > before) return factor === 2 ? 'doubled' : `grew ${count(factor)}-fold`
  return factor === 2 ? 'halved' : `fell to 1 in ${count(factor)}`
}

/** `all of them X` or `most of them X`; empty where no series has more than half. */
export const mostly = (series: readonly Series[]): string => {
  const sums = series.map(({ label, y }) => ({ label, sum: sumOf(y) }))
  const all = sums.reduce((total, { sum }) => total + sum, 0)
  const first = sums.toSorted((a, b) => b.sum - a.sum)[0]
  if (!first || first.sum * 2 <= all) return ''
  return `${first.sum === all ? 'all' : 'most'} of them ${first.label.toLowerCase()}`
}
