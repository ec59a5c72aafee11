// What a service is held to as fields of a form, and what a save of them asks for.
import type { Service } from '../../../shared/services/contract.ts'
import type { ServicePatch } from '../../../shared/services/words.ts'
import { writeBudget } from '../../../shared/services/budget-shape.ts'
import { changedIn, numberText, readNumber, type Draft } from '../../data/draft.ts'
import { LIMIT_MAX, PER_MS_MAX, typedBudget } from '../services/model.ts'

type Budget = NonNullable<Service['budget']>
export type Allocation = Budget['allocations'][number]

/** Units of the time a budget is for. */
export const spans = [
  { value: '1000', label: 'seconds' },
  { value: '60000', label: 'minutes' },
  { value: '3600000', label: 'hours' },
  { value: '86400000', label: 'days' },
] as const

/** The largest unit that tells a time in a whole number. */
const spanOf = (ms: number): string =>
  spans.toReversed().find(({ value }) => ms % Number(value) === 0)?.value ?? spans[0].value

const membersOf = (budget: Pick<Budget, 'limit' | 'per_ms' | 'unit'> | null): Draft => {
  const span = spanOf(budget?.per_ms ?? 60_000)
  return {
    limit: numberText(budget?.limit ?? null),
    per: budget === null ? '' : numberText(budget.per_ms, Number(span)),
    span,
    unit: budget?.unit ?? 'calls',
  }
}

/** The form of a service. `budget` is the text; the members of it are beside it, and `by` says which of both is edited. */
export const draftOf = (service: Service): Draft => {
  const { budget, concurrency, retry_budget: retry } = service
  return {
    summary: service.summary ?? '',
    by: budget !== null && writeBudget(budget) === undefined ? 'members' : 'text',
    budget: budget === null ? '' : (writeBudget(budget) ?? ''),
    ...membersOf(budget),
    allocations: JSON.stringify(budget?.allocations ?? []),
    max: numberText(concurrency?.max ?? null),
    lease_ms: numberText(concurrency?.lease_ms ?? null, 1_000),
    ratio: numberText(retry.ratio, 0.01),
    capacity: numberText(retry.capacity),
    floor_per_s: numberText(retry.floor_per_s),
  }
}

export const allocationsIn = (draft: Draft): Allocation[] => JSON.parse(draft['allocations'] ?? '[]') as Allocation[]

/** The shares of what is kept for some jobs, and what they leave for all others. */
export const leftOver = (allocations: readonly Allocation[]): number =>
  1 - allocations.reduce((sum, { share }) => sum + share, 0)

export interface Reading {
  patch: ServicePatch
  errors: Record<string, string>
}

const BUDGET = ['budget', 'limit', 'per', 'span', 'unit', 'allocations'] as const
const CONCURRENCY = ['max', 'lease_ms'] as const

/** What of a draft differs from what is saved, as the API takes it. `by` alone changes nothing. */
export const patchOf = (draft: Draft, service: Service): Reading => {
  const reading: Reading = { patch: {}, errors: {} }
  const changed = changedIn(draft, draftOf(service))
  const touched = (fields: readonly string[]): boolean => fields.some((field) => changed.includes(field))
  if (touched(['summary'])) {
    const summary = (draft['summary'] ?? '').trim()
    reading.patch.summary = summary === '' ? null : summary
  }
  if (touched(BUDGET)) readBudgetOf(draft, reading)
  if (touched(CONCURRENCY)) readConcurrency(draft, reading)
  readRetries(draft, changed, reading)
  return reading
}

const shapeOf = (draft: Draft, errors: Reading['errors']): Omit<Budget, 'allocations'> | null | undefined => {
  if (draft['by'] === 'text') {
    const typed = typedBudget(draft['budget'] ?? '')
    if ('error' in typed) errors['budget'] = typed.error
    return 'error' in typed ? undefined : typed.budget
  }
  if ((draft['limit'] ?? '').trim() === '' && (draft['per'] ?? '').trim() === '') return null
  const limit = number(draft, 'limit', { min: 1, max: LIMIT_MAX, whole: true }, errors)
  const scale = Number(draft['span'])
  const per = number(draft, 'per', { min: 1_000, max: PER_MS_MAX, scale, whole: true }, errors)
  if (limit === undefined || per === undefined) return undefined
  return { limit, per_ms: per, unit: draft['unit'] === 'units' ? 'units' : 'calls' }
}

/** The numbers of the budget that is written as text; none where it cannot be read. */
export const asMembers = (draft: Draft): Draft => {
  const budget = shapeOf({ ...draft, by: 'text' }, {})
  return budget === undefined ? {} : membersOf(budget)
}

/** The text of the budget that is written number by number; none where it cannot be said. */
export const asText = (draft: Draft): Draft => {
  const budget = shapeOf({ ...draft, by: 'members' }, {})
  return budget === undefined ? {} : { budget: budget === null ? '' : (writeBudget(budget) ?? '') }
}

const readBudgetOf = (draft: Draft, { patch, errors }: Reading): void => {
  const shape = shapeOf(draft, errors)
  const allocations = allocationsIn(draft)
  if (allocations.some(({ kind, tag }) => (kind ?? tag ?? '') === '')) errors['allocations'] = 'Each needs a name.'
  if (allocations.some(({ share }) => !(share >= 0.01 && share <= 1)))
    errors['allocations'] = 'Each share must be from 1 to 100 %.'
  if (leftOver(allocations) < -1e-6) errors['allocations'] = 'The shares must not come to more than 100 %.'
  if (shape === null && allocations.length > 0) errors['allocations'] = 'Without a budget there is nothing to share.'
  if (shape !== undefined) patch.budget = shape && { ...shape, allocations }
}

const readConcurrency = (draft: Draft, { patch, errors }: Reading): void => {
  if ((draft['max'] ?? '').trim() === '') {
    patch.concurrency = null
    return
  }
  const max = number(draft, 'max', { min: 1, max: 100_000, whole: true }, errors)
  const lease =
    (draft['lease_ms'] ?? '').trim() === ''
      ? 15_000
      : number(draft, 'lease_ms', { min: 1_000, max: 86_400_000, scale: 1_000, whole: true }, errors)
  if (max !== undefined && lease !== undefined) patch.concurrency = { max, lease_ms: lease }
}

const retryRules = {
  ratio: { min: 0, max: 10, scale: 0.01 },
  capacity: { min: 1, max: 1_000_000, whole: true },
  floor_per_s: { min: 0, max: 10_000 },
} as const

const readRetries = (draft: Draft, changed: readonly string[], { patch, errors }: Reading): void => {
  for (const [id, rules] of Object.entries(retryRules)) {
    if (!changed.includes(id)) continue
    const value = number(draft, id, rules, errors)
    if (value !== undefined) patch.retry_budget = { ...patch.retry_budget, [id]: value }
  }
}

const number = (
  draft: Draft,
  id: string,
  rules: Parameters<typeof readNumber>[1],
  errors: Reading['errors'],
): number | undefined => {
  const read = readNumber(draft[id] ?? '', rules)
  if ('error' in read) errors[id] = read.error
  return 'value' in read && read.value !== null ? read.value : undefined
}

const labels: Readonly<Record<string, string>> = {
  summary: 'what it is',
  budget: 'the budget',
  limit: 'the budget',
  per: 'the budget',
  span: 'the budget',
  unit: 'the budget',
  allocations: 'what is kept for some jobs',
  max: 'calls at once',
  lease_ms: 'the lease',
  ratio: 'the share of retries',
  capacity: 'retries in reserve',
  floor_per_s: 'retries that are always allowed',
}

/** Names of fields for a sentence, each thing once. */
export const fieldNames = (ids: readonly string[]): string =>
  [...new Set(ids.flatMap((id) => labels[id] ?? []))].join(', ')

const sources: Record<Service['sources']['budget'], string> = {
  declared: 'as declared in code',
  edited: 'edited here',
  learnt: 'by default',
}
export const sourceWords = (source: Service['sources']['budget']): string => sources[source]

/** What deleting does, told before it is done. */
export const removalWords = ({ origin, name }: Pick<Service, 'origin' | 'name'>): string =>
  origin === 'declared'
    ? `What was edited of ${name} is forgotten; it is held again to what the code declares.`
    : `${name} goes with its limits and the past of its breaker. A job that calls it afterwards is held to the defaults.`
