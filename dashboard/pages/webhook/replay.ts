// Sending again what failed, and sending what was never sent: two words for two things, with what each does said beforehand.
import { count, countOf, dateTime, instant } from '../../ui/format.ts'

export type ReplayKind = 'recover' | 'missing'

export const replayWords: Record<ReplayKind, { label: string; effect: string; doing: string; none: string }> = {
  recover: {
    label: 'Recover failed since…',
    effect:
      'Sends again what failed in that time and did not arrive since, with the same ids. What arrived is not sent again.',
    doing: 'Recovering',
    none: 'Nothing of that time failed and did not arrive.',
  },
  missing: {
    label: 'Send what was never sent since…',
    effect:
      'Looks through the log for facts that the endpoint wants and that were never sent to it, such as from before it was made or while it was paused. What was sent is not sent again.',
    doing: 'Sending what was never sent',
    none: 'Everything it wants of that time was sent.',
  },
}

/** Why nothing can be sent to an endpoint now. */
export const replayReason = ({ enabled }: { enabled: boolean }): string | undefined =>
  enabled ? undefined : 'Nothing is sent to it: enable it first'

/** How far back; the log itself goes back about a day. */
export const lengths = [
  { value: '3600', label: 'the last hour' },
  { value: '21600', label: 'the last 6 hours' },
  { value: '86400', label: 'the last 24 hours' },
  { value: '259200', label: 'the last 3 days' },
  { value: '604800', label: 'the last 7 days' },
] as const
export type Length = (typeof lengths)[number]['value']

export interface Matched {
  matched: number
  /** There may be more: it was counted no further. */
  capped: boolean
  /** What was sent until then is not known any more, and is not looked at. */
  forgotten_until: string | null
}

/** What it is about, said before it is done. */
export const matchedWords = (kind: ReplayKind, { matched, capped }: Omit<Matched, 'forgotten_until'>): string => {
  if (matched === 0 && !capped) return replayWords[kind].none
  const [one, many] = kind === 'recover' ? (['delivery', 'deliveries'] as const) : (['fact', 'facts'] as const)
  const amount = `${capped ? 'At least ' : ''}${countOf(matched, one, many)}`
  return kind === 'recover'
    ? `${amount} failed and did not arrive.`
    : `${amount} ${matched === 1 ? 'was' : 'were'} never sent.`
}

/** What of that time is left out, in the browser's own time unless a zone is given; '' when nothing is. */
export const forgottenWords = ({ forgotten_until }: Pick<Matched, 'forgotten_until'>, zone?: string): string => {
  const until = instant(forgotten_until)
  return until === undefined
    ? ''
    : `What was told until ${dateTime(until, zone)} is left out: which of it was sent is not kept any more.`
}

/** What the button says. */
export const goWords = (kind: ReplayKind, matched: Omit<Matched, 'forgotten_until'> | undefined): string => {
  const number = matched?.capped ? ' all' : matched && matched.matched > 0 ? ` ${count(matched.matched)}` : ''
  return kind === 'recover' ? `Send${number} again` : `Send${number}`
}

export const sinceOf = (length: Length, now: number): string => new Date(now - Number(length) * 1_000).toISOString()
