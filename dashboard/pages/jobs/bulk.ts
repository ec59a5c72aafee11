// Actions on many jobs: those somebody selected, or all that a filter means.
import type { JobAction, JobFilter } from '../../../shared/batch/actions-contract.ts'
import type { BatchOp } from '../../../shared/batch/words.ts'
import { countOf } from '../../ui/format.ts'
import { addedIn, type Filter } from './model.ts'

export const bulkActions = ['retry', 'promote', 'cancel', 'skip', 'delete'] as const satisfies readonly JobAction[]

export interface BulkWords {
  label: string
  doing: string
  means: string
  danger: boolean
  scope: 'jobs:manage' | 'queues:admin'
}

export const bulkWords: Record<JobAction, BulkWords> = {
  retry: {
    label: 'Retry',
    doing: 'Retrying',
    means: 'They are tried again. Unless the filter names states, those that failed are meant.',
    danger: false,
    scope: 'jobs:manage',
  },
  promote: {
    label: 'Promote',
    doing: 'Promoting',
    means: 'Delayed jobs run as soon as a worker is free.',
    danger: false,
    scope: 'jobs:manage',
  },
  cancel: {
    label: 'Cancel',
    doing: 'Cancelling',
    means: 'They do not run; those that do are told to stop.',
    danger: true,
    scope: 'jobs:manage',
  },
  skip: {
    label: 'Skip',
    doing: 'Skipping',
    means: 'They do not run, and what waits for them goes on without.',
    danger: true,
    scope: 'jobs:manage',
  },
  delete: {
    label: 'Delete',
    doing: 'Deleting',
    means: 'They are removed as if they had never been. It cannot be undone.',
    danger: true,
    scope: 'queues:admin',
  },
}

const LINES = ['waiting', 'prioritized', 'delayed', 'parked'] as const
/** Jobs that an action can be done to, as the API has it. */
export const canBe: Record<JobAction, readonly string[]> = {
  cancel: [...LINES, 'active'],
  retry: ['failed', 'completed', 'cancelled', 'delayed', 'parked'],
  promote: ['delayed', 'parked'],
  delete: [...LINES, 'waiting_children', 'completed', 'failed', 'cancelled', 'skipped'],
  skip: [...LINES, 'failed', 'waiting_children'],
}

/** The filter as the API takes it for an action. */
export const jobFilterOf = (filter: Filter, now: number): JobFilter => {
  const added = addedIn(filter, now)
  return {
    ...(filter.state.length > 0 && { state: filter.state as NonNullable<JobFilter['state']> }),
    ...(filter.queue.length > 0 && { queue: filter.queue }),
    ...(filter.name.length > 0 && { name: filter.name }),
    ...(filter.tag.length > 0 && { tag: filter.tag }),
    ...(filter.service.length > 0 && { service: filter.service }),
    ...(filter.error.length > 0 && { error_class: filter.error as NonNullable<JobFilter['error_class']> }),
    ...(filter.text !== '' && { q: filter.text }),
    ...(Object.keys(added).length > 0 && { created_at: added }),
  }
}

/** Why all that a filter means cannot be dealt with so; undefined when they can. Without a filter nothing can. */
export const filterRefusal = (action: JobAction, filter: Filter): string | undefined => {
  if (filter.unknown.length > 0) return `The filter is not clear: ${filter.unknown.join(', ')}`
  if (filter.data.length > 0) return 'Payloads cannot narrow work on many; select the jobs'
  if (Object.keys(jobFilterOf(filter, 0)).length === 0) return 'Filter first: nothing narrows it down'
  const cannot = filter.state.filter((state) => !canBe[action].includes(state))
  return cannot.length > 0 ? `It cannot be done to jobs that are ${cannot.join(' or ')}` : undefined
}

type SelectedAction = Exclude<JobAction, 'delete'>

/** Why selected jobs cannot be dealt with so. */
export const selectedRefusal = (action: JobAction): string | undefined =>
  action === 'delete' ? 'Choose all that match, or delete each on its page' : undefined

/** What is done to each of the selected jobs. */
export const operationsOf = (action: SelectedAction, ids: readonly string[], reason: string): BatchOp[] =>
  ids.map((task_id) => {
    if (action === 'retry') return { op: action, task_id, reset_attempts: false, delay_ms: 0 }
    return { op: action, task_id, ...(reason !== '' && action !== 'promote' && { reason }) }
  })

/** How many a preview is about: where counting was not ended, no fewer than that. */
export const manyWords = ({ matched, complete }: Pick<Preview, 'matched' | 'complete'>): string =>
  `${complete ? '' : 'at least '}${countOf(matched, 'job')}`

/** What a preview says: how many it is about, and what some of them are. */
export interface Preview {
  matched: number
  complete: boolean
  sample: readonly { task_id: string; name: string; state: string }[]
  /** Selected ones that it cannot be done to. */
  refused: number
}

/** "At least 412 jobs match." */
export const previewWords = ({ matched, complete, refused }: Preview): string => {
  const more = refused > 0 ? ` It cannot be done to ${countOf(refused, 'other')}.` : ''
  if (matched === 0) return `It can be done to none of them.`
  return `${complete ? '' : 'At least '}${countOf(matched, 'job')}${complete ? '' : '; counting stopped after two seconds'}.${more}`
}

export const ALL = '*'

/** The selection as the link has it: ids, or all that match the filter. */
export const readSelected = (text: string | undefined): ReadonlySet<string> | typeof ALL => {
  if (text === ALL) return ALL
  return new Set((text ?? '').split(',').filter(Boolean).map(decoded))
}
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** As it stands in the link; undefined for none. */
export const selectedText = (ids: Iterable<string>): string | undefined =>
  [...ids].map(encodeURIComponent).join(',') || undefined

/** The selection with one turned, or with all rows from the one before to this one. */
export const turned = (
  selection: ReadonlySet<string>,
  id: string,
  range?: { from: string; rows: readonly string[] },
): ReadonlySet<string> => {
  const [start, end] = [range?.rows.indexOf(range.from) ?? -1, range?.rows.indexOf(id) ?? -1]
  if (!range || start < 0 || end < 0) {
    const next = new Set(selection)
    if (!next.delete(id)) next.add(id)
    return next
  }
  return new Set([...selection, ...range.rows.slice(Math.min(start, end), Math.max(start, end) + 1)])
}
