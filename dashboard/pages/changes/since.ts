// Since when changes are told: as the link says, or else since whoever looks had looked before.
import { instant } from '../../ui/format.ts'
import { momentOf, wallOf } from '../../ui/wall.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** What is told to who never looked before. */
const USUAL_MS = 8 * HOUR_MS
const BEGIN = '09:00'

/** Choices that go on with the time; any other is a moment. */
export const choices = [
  { value: 'looked', label: 'you last looked' },
  { value: 'today', label: `${BEGIN} today` },
  { value: '8h', label: '8 hours ago' },
  { value: '24h', label: '24 hours ago' },
] as const
export type Choice = (typeof choices)[number]['value'] | 'moment'

export interface Asked {
  choice: Choice
  /** Epoch ms. */
  since: number
  /** They never looked before, so that it is only as far back as is usual. */
  isFirst: boolean
  /** Undefined: up to now. */
  until: number | undefined
}

type Param = (name: string) => string | undefined

export interface Standing {
  now: number
  zone: string
  /** Up to when they had looked before they came back. */
  before: string | null
}

/** Nine o'clock of this day, or of the one before while that is yet to come. */
const morning = ({ now, zone }: Standing): number => {
  const day = (at: number): number => momentOf(`${wallOf(at, zone).slice(0, 10)}T${BEGIN}`, zone) ?? now - USUAL_MS
  return day(now) < now ? day(now) : day(now - DAY_MS)
}

export const askedOf = (param: Param, standing: Standing): Asked => {
  const { now, before } = standing
  const text = param('since')
  const until = instant(param('until'))
  const to = until !== undefined && until < now ? until : undefined
  const given = instant(text)
  if (given !== undefined && given < (to ?? now)) return { choice: 'moment', since: given, isFirst: false, until: to }
  const rest = { isFirst: false, until: undefined }
  if (text === 'today') return { choice: 'today', since: morning(standing), ...rest }
  if (text === '8h' || text === '24h')
    return { choice: text, since: now - (text === '8h' ? USUAL_MS : DAY_MS), ...rest }
  const looked = instant(before)
  const since = looked !== undefined && looked < now ? looked : now - USUAL_MS
  return { choice: 'looked', since, isFirst: looked === undefined, until: undefined }
}
