// What people decide about groups: resolving, ignoring until something, reopening; of one, conditional on what was seen of it.
import type { z } from 'zod'
import type { DlqGroup, GroupDecision } from '../../../shared/triage/contract.ts'
import { readNumber } from '../../data/draft.ts'
import { ifMatch } from '../../data/edit.svelte.ts'
import type { Api } from '../../data/api.ts'
import { countOf } from '../../ui/format.ts'

export type Decision = z.input<typeof GroupDecision>

/** Decides it about one group, unless somebody decided something meanwhile, or about many. Answers them as they are now. */
export const decide = async (
  { triage }: Pick<Api, 'triage'>,
  groups: readonly DlqGroup[],
  body: Decision,
): Promise<DlqGroup[]> => {
  const [one, ...others] = groups
  if (!one) return []
  if (others.length === 0)
    return [await triage.decide({ params: { group_id: one.id }, body, headers: ifMatch(one.version) })]
  return (await triage.decideMany({ body: { group_ids: groups.map(({ id }) => id), ...body } })).data
}

/** "the group" or "3 groups". */
export const groupWords = (groups: readonly unknown[]): string =>
  groups.length === 1 ? 'the group' : countOf(groups.length, 'group')

export interface IgnoreDraft {
  /** Seconds from now; empty for no end by time. */
  length: string
  perHour: string
  count: string
}

export const lengths = [
  { value: '', label: 'No end by time' },
  { value: '3600', label: '1 hour' },
  { value: '28800', label: '8 hours' },
  { value: '86400', label: '1 day' },
  { value: '604800', label: '7 days' },
] as const

export interface IgnoreReading {
  decision: Decision
  errors: Partial<Record<'perHour' | 'count', string>>
}

/** The decision a form of "ignore until" means at a moment. */
export const readIgnore = ({ length, perHour, count }: IgnoreDraft, now: number): IgnoreReading => {
  const hourly = readNumber(perHour, { min: 0, max: 1_000_000, whole: true, optional: true })
  const total = readNumber(count, { min: 1, max: 1_000_000_000, whole: true, optional: true })
  const until = {
    ...(length !== '' && { at: new Date(now + Number(length) * 1_000).toISOString() }),
    ...('value' in hourly && hourly.value !== null && { per_hour: hourly.value }),
    ...('value' in total && total.value !== null && { count: total.value }),
  }
  return {
    decision: { state: 'ignored', ...(Object.keys(until).length > 0 && { ignore_until: until }) },
    errors: {
      ...('error' in hourly && { perHour: hourly.error }),
      ...('error' in total && { count: total.error }),
    },
  }
}
