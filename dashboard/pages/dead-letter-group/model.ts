// The page of one group: its deaths over time, its facts, and how it is merged with others or split.
import type { DlqGroup, DlqGroupDetail, GroupSplit } from '../../../shared/triage/contract.ts'
import { count, countOf } from '../../ui/format.ts'
import { versionWords } from '../dead-letters/model.ts'

const MINUTE = 60_000

/** The spans the chart has: minute by minute, or a day in quarters of an hour. */
export const spans = {
  hour: { label: 'Last hour', bars: 60, minutes: 1 },
  day: { label: 'Last 24 h', bars: 97, minutes: 15 },
} as const
export type Span = keyof typeof spans

export interface Bar {
  /** When it begins, epoch ms. */
  at: number
  count: number
}

/** Deaths as equal bars up to now, the oldest first. */
export const barsOf = (minutes: DlqGroupDetail['minutes'], span: Span, now: number): Bar[] => {
  const { bars, minutes: each } = spans[span]
  const width = each * MINUTE
  const end = Math.floor(now / width) * width + width
  const sums = Array.from({ length: bars }, (_, index) => ({ at: end - (bars - index) * width, count: 0 }))
  for (const { at, count: died } of minutes) {
    const bar = sums[bars - Math.ceil((end - Date.parse(at)) / width)]
    if (bar) bar.count += died
  }
  return sums
}

/** What the bars say: "41 died in the last hour, at most 12 in a minute." */
export const barsWords = (bars: readonly Bar[], span: Span): string => {
  const total = bars.reduce((sum, bar) => sum + bar.count, 0)
  const within = span === 'hour' ? 'the last hour' : 'the last 24 hours'
  if (total === 0) return `None died in ${within}.`
  const most = Math.max(...bars.map((bar) => bar.count))
  return `${count(total)} died in ${within}, at most ${count(most)} in ${span === 'hour' ? 'a minute' : 'a quarter of an hour'}.`
}

/** The cause in words: "SmtpError: mailbox # is full". */
export const causeWords = ({ error_names: names, title }: Pick<DlqGroup, 'error_names' | 'title'>): string =>
  `${names[0] ?? 'Error'}: ${title}`

export interface Fact {
  label: string
  value: string
  at?: string
}

export const factsOf = (group: DlqGroup): Fact[] => [
  {
    label: 'Queues',
    value: group.queues.map(({ queue, open }) => `${queue} (${count(open)})`).join(', ') || 'none now',
  },
  { label: 'Jobs', value: group.names.join(', ') },
  { label: 'Errors', value: group.error_names.join(', ') },
  { label: 'Versions', value: versionWords(group.versions, 20) },
  { label: 'First', value: '', at: group.first_seen },
  { label: 'Last', value: '', at: group.last_seen },
  ...(group.note === null ? [] : [{ label: 'Note', value: group.note }]),
]

type SplitBy = keyof GroupSplit

/** One part that can be taken out of a group. */
export interface Part {
  /** For a select: how and what. */
  value: string
  label: string
}

const kinds: { by: SplitBy; label: string; of: (group: DlqGroup) => readonly string[] }[] = [
  { by: 'fingerprint', label: 'merged in', of: ({ id, fingerprints }) => fingerprints.filter((each) => each !== id) },
  { by: 'queue', label: 'what died in', of: ({ queues }) => queues.map(({ queue }) => queue) },
  { by: 'name', label: 'jobs', of: ({ names }) => names },
  { by: 'error_name', label: 'errors', of: ({ error_names: names }) => names },
]

/** What can be taken out: a part of each kind of which the group has several, and whatever was merged into it. */
export const partsOf = (group: DlqGroup): Part[] =>
  kinds.flatMap(({ by, label, of }) => {
    const values = of(group)
    return by === 'fingerprint' || values.length > 1
      ? values.map((value) => ({ value: `${by}=${value}`, label: `${label} ${value}` }))
      : []
  })

/** A part as the API takes it. */
export const splitOf = (value: string): GroupSplit => {
  const mark = value.indexOf('=')
  return { [value.slice(0, mark)]: [value.slice(mark + 1)] }
}

/** A group in a list one chooses from. */
export const optionOf = (group: DlqGroup): { value: string; label: string } => ({
  value: group.id,
  label: `${causeWords({ ...group, title: group.title.slice(0, 80) })} (${countOf(group.open, 'dead letter')})`,
})
