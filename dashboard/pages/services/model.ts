// Services in words: what one is held to and where that comes from.
import type { Service, ServiceCreate } from '../../../shared/services/contract.ts'
import { readBudget, writeBudget } from '../../../shared/services/budget-shape.ts'
import { readNumber } from '../../data/draft.ts'
import { count, countOf, duration, percent } from '../../ui/format.ts'

const origins: Record<Service['origin'], string> = {
  declared: 'Declared in code',
  created: 'Made here',
  learnt: 'Learnt from jobs',
}
export const originWords = (origin: Service['origin']): string => origins[origin]

/** `300 calls in any 30 s`. */
export const budgetWords = (budget: Pick<NonNullable<Service['budget']>, 'limit' | 'per_ms' | 'unit'>): string =>
  `${countOf(budget.limit, budget.unit === 'units' ? 'unit' : 'call')} in any ${span(budget.per_ms)}`

const span = (ms: number): string =>
  ms === 60_000
    ? 'minute'
    : ms === 3_600_000
      ? 'hour'
      : ms === 86_400_000
        ? 'day'
        : duration(ms).replace(' min 0 s', ' min')

/** A budget as short as one writes it. */
export const budgetText = (budget: Service['budget']): string =>
  budget === null ? '' : (writeBudget(budget) ?? budgetWords(budget))

export const concurrencyWords = ({ concurrency }: Pick<Service, 'concurrency'>): string =>
  concurrency === null ? 'No limit' : `${count(concurrency.max)} at once`

export const retryWords = ({ retry_budget: { ratio, floor_per_s } }: Pick<Service, 'retry_budget'>): string =>
  `${percent(ratio)} of first attempts, at least ${floor_per_s} per second`

/** The longest time a budget may be for: 31 days. */
export const PER_MS_MAX = 2_678_400_000
export const LIMIT_MAX = 1_000_000_000

export type ReadBudget = { budget: ReturnType<typeof readBudget> | null } | { error: string }

/** Reads a budget as one writes it; nothing means none. */
export const typedBudget = (text: string): ReadBudget => {
  if (text.trim() === '') return { budget: null }
  const budget = readBudget(text)
  if (!budget) return { error: 'Write it as 300/30s, 600/min or 10000 units/day.' }
  if (budget.limit < 1 || budget.limit > LIMIT_MAX) return { error: `Must be from 1 to ${count(LIMIT_MAX)}.` }
  if (budget.per_ms < 1_000 || budget.per_ms > PER_MS_MAX)
    return { error: 'The time must be from 1 second to 31 days.' }
  return { budget }
}

export interface NewService {
  name: string
  summary: string
  budget: string
  max: string
}

const NAME = /^(?:[a-z0-9_](?:[a-z0-9._-]{0,251}[a-z0-9_-])?|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/

/** What a form for a new service asks the API for, and what is wrong with it. */
export const creationOf = (
  form: NewService,
): { body: ServiceCreate; errors: Partial<Record<keyof NewService, string>> } => {
  const budget = typedBudget(form.budget)
  const max = readNumber(form.max, { min: 1, max: 100_000, whole: true, optional: true })
  const errors = {
    ...(!NAME.test(form.name) && {
      name: 'Lower-case letters, digits, dots, dashes and underscores; it may end with a port.',
    }),
    ...('error' in budget && { budget: budget.error }),
    ...('error' in max && { max: max.error }),
  }
  const concurrency = 'value' in max && max.value !== null ? { concurrency: { max: max.value } } : {}
  const held = 'budget' in budget && budget.budget ? { budget: budget.budget } : {}
  const summary = form.summary.trim() === '' ? {} : { summary: form.summary.trim() }
  return { body: { name: form.name, ...summary, ...held, ...concurrency } as ServiceCreate, errors }
}
