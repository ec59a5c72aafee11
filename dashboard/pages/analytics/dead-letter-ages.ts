// How long dead letters have lain there, by what was decided about their causes.
import type { DlqMetrics } from '../../../shared/triage/contract.ts'
import { wordAxis } from '../../charts/axis.ts'
import { chart } from '../../charts/kind.ts'
import { isFull, lookAt, restLook, type Leads, type Look, type Series } from '../../charts/picture.ts'
import { count } from '../../ui/format.ts'
import { deadLettersIn } from './link.ts'

type Age = DlqMetrics['age'][number]
type Value = Pick<DlqMetrics, 'age' | 'depth'> & { at: number }
type State = keyof Age['by_state']

const states: readonly { key: State; label: string; look: Look }[] = [
  { key: 'regressed', label: 'Regressed', look: { ink: 'fill-dead', pattern: 'hatch' } },
  { key: 'new', label: 'New', look: { ink: 'fill-failed', pattern: 'plain' } },
  { key: 'ongoing', label: 'Ongoing', look: lookAt(1) },
  { key: 'ignored', label: 'Ignored', look: { ink: 'state-cancelled', pattern: 'dots' } },
  { key: 'resolved', label: 'Resolved', look: { ink: 'fill-done', pattern: 'lines', edge: 'state-done' } },
]

export const deadLetterAges = chart<Value>({
  id: 'dead-letter-ages',
  title: 'Age of dead letters',
  topics: ['dlq:*'],
  note: () => 'now',
  load: async (api, { now, signal }) => ({ ...(await api.triage.metrics({ query: {}, signal })), at: now }),
  picture({ age, depth, at }) {
    if (depth === 0) return undefined
    const series = seriesOf(age)
    return {
      axis: wordAxis('Age', age.map(ageWords)),
      series,
      reading: readingOf(age),
      marks: [],
      leads: (bucket) => (isFull(series, bucket) ? leadsTo(age[bucket], at) : undefined),
      offersLog: true,
    }
  },
  empty: () => ({ words: 'No dead letters.', good: true }),
})

const seriesOf = (age: readonly Age[]): Series[] => {
  const told = states.map(({ key, label, look }): Series => ({ key, label, look, unit: 'jobs', as: 'bars', y: age.map(({ by_state }) => by_state[key]) })) // prettier-ignore
  const rest = age.map(({ count: all }, bucket) => Math.max(0, all - told.reduce((sum, { y }) => sum + (y[bucket] ?? 0), 0))) // prettier-ignore
  const unsorted: Series = { key: 'unsorted', label: 'Not sorted yet', unit: 'jobs', as: 'bars', look: restLook, y: rest } // prettier-ignore
  return [...told, unsorted].filter(({ y }) => y.some((value) => value !== null && value > 0))
}

const HOUR_S = 3_600
const DAY_S = 24 * HOUR_S
const lengthWords = (s: number): string => (s < 2 * DAY_S ? `${s / HOUR_S} h` : `${s / DAY_S} d`)

/** `< 1 h`, `1–6 h`, `> 7 d`. */
export const ageWords = ({ from_s, to_s }: Pick<Age, 'from_s' | 'to_s'>): string => {
  if (to_s === null) return `> ${lengthWords(from_s)}`
  if (from_s === 0) return `< ${lengthWords(to_s)}`
  const [from, to] = [lengthWords(from_s), lengthWords(to_s)]
  return from.slice(-1) === to.slice(-1) ? `${from.slice(0, -2)}–${to}` : `${from}–${to}`
}

const leadsTo = (age: Age | undefined, now: number): Leads | undefined => {
  if (!age) return undefined
  const iso = (ageS: number): string => new Date(now - ageS * 1_000).toISOString()
  return deadLettersIn({ ...(age.to_s !== null && { from: iso(age.to_s) }), to: iso(age.from_s) })
}

export const readingOf = (age: readonly Age[]): string => {
  const all = age.reduce((sum, { count: some }) => sum + some, 0)
  const most = age.toSorted((a, b) => b.count - a.count)[0]
  const oldest = age.at(-1)
  if (!most) return ''
  const words = age.map(ageWords)
  const which = wordsOf(words[age.indexOf(most)] ?? '')
  const first =
    most.count === all ? `All ${count(all)} are ${which}.` : `${count(most.count)} of ${count(all)} are ${which}.`
  if (!oldest || oldest === most || oldest.count === 0) return first
  return `${first} ${count(oldest.count)} ${oldest.count === 1 ? 'has' : 'have'} lain there for more than ${words.at(-1)?.slice(2) ?? ''}.`
}

/** `< 1 h` as one says it. */
const wordsOf = (age: string): string => {
  if (age.startsWith('<')) return `younger than ${age.slice(2)}`
  return age.startsWith('>') ? `older than ${age.slice(2)}` : `${age.replace('–', ' to ')} old`
}
