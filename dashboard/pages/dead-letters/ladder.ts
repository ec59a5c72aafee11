// The form of a resubmission of many: how many are tried first, how fast the rest goes, when it stops, and what is changed.
import type { z } from 'zod'
import type { BulkPreview, BulkResubmitRequest } from '../../../shared/dlq/contract.ts'
import { readNumber, type NumberRules } from '../../data/draft.ts'
import { count } from '../../ui/format.ts'
import { numberOf } from './amount.ts'
import { readPatch } from './patch.ts'

export interface LadderDraft {
  /** `yes`: a few first; anything else: all at once. */
  tries: string
  steps: string
  pace: string
  stop: string
  wait: string
  patch: string
  queue: string
  delay: string
  reason: string
}

export const emptyDraft: LadderDraft = {
  tries: 'yes',
  steps: '1, 10',
  pace: '20',
  stop: '50',
  wait: '60',
  patch: '',
  queue: '',
  delay: '',
  reason: '',
}

/** The draft once it was said how it begins. All at once is as fast as it can, as long as nobody chose a pace. */
export const begun = (draft: LadderDraft, tries: string): LadderDraft => {
  const usual = (how: string): string => (how === 'yes' ? emptyDraft.pace : '')
  return { ...draft, tries, pace: draft.pace === usual(draft.tries) ? usual(tries) : draft.pace }
}

export interface LadderReading {
  body: z.input<typeof BulkResubmitRequest>
  /** What is wrong, by field. */
  errors: Partial<Record<keyof LadderDraft, string>>
}

const rules = {
  pace: { min: 0.1, max: 100_000, optional: true },
  stop: { min: 0, max: 1, scale: 0.01, optional: true },
  wait: { min: 1_000, max: 3_600_000, scale: 1_000, whole: true },
  delay: { min: 0, max: 2_592_000_000, scale: 1_000, whole: true, optional: true },
} satisfies Record<string, NumberRules>

/** "1, 10" as numbers, or what is wrong with it. */
export const readSteps = (text: string): { value: number[] } | { error: string } => {
  const steps = text.split(/[\s,;]+/).filter((step) => step !== '')
  if (steps.length === 0 || steps.length > 5) return { error: 'One to five numbers, such as 1, 10.' }
  const numbers = steps.map((step) => (/^\d{1,3}$/.test(step) ? Number(step) : 0))
  return numbers.every((number) => number >= 1 && number <= 500)
    ? { value: numbers }
    : { error: 'Whole numbers from 1 to 500, such as 1, 10.' }
}

/** What the form asks for, of all dead letters of these groups. */
export const readLadder = (draft: LadderDraft, group: readonly string[]): LadderReading => {
  const tries = draft.tries === 'yes'
  const steps = readSteps(draft.steps)
  const [pace, stop, wait, delay] = (['pace', 'stop', 'wait', 'delay'] as const).map((name) => readNumber(draft[name], rules[name])) // prettier-ignore
  const patch = readPatch(draft.patch)
  const value = (read: ReturnType<typeof readNumber> | undefined): number | null =>
    read && 'value' in read ? read.value : null
  const errors = {
    ...(tries && 'error' in steps && { steps: steps.error }),
    ...(tries && stop && 'error' in stop && { stop: stop.error }),
    ...(tries && wait && 'error' in wait && { wait: wait.error }),
    ...(pace && 'error' in pace && { pace: pace.error }),
    ...(delay && 'error' in delay && { delay: delay.error }),
    ...('error' in patch && { patch: patch.error }),
  }
  return {
    errors,
    body: {
      filter: { group: [...group] },
      ladder: tries && 'value' in steps ? { steps: steps.value, wait_ms: value(wait) ?? 60_000 } : null,
      stop_if_failed_again: tries ? value(stop) : null,
      delay_ms: value(delay) ?? 0,
      ...(value(pace) !== null && { rate_per_s: value(pace) ?? 1 }),
      ...('value' in patch && patch.value !== undefined && { data_patch: patch.value }),
      ...(draft.queue.trim() !== '' && { queue: draft.queue.trim() }),
      ...(draft.reason.trim() !== '' && { reason: draft.reason.trim() }),
    },
  }
}

const NAMED = 3

/** Which services get no calls now, so that jobs that need them will wait; nothing where all do. */
export const heldWords = (services: readonly string[]): string => {
  if (services.length === 0) return ''
  const more = services.length - NAMED
  const names = [...services.slice(0, NAMED), ...(more > 0 ? [`${count(more)} more`] : [])].join(', ')
  return `No calls go to ${names} now: jobs that need ${services.length === 1 ? 'it' : 'them'} are parked until the breaker closes.`
}

/** What the button says: what happens first. */
export const startWords = (draft: LadderDraft, counted: Pick<BulkPreview, 'matched' | 'complete'>): string => {
  const steps = readSteps(draft.steps)
  const { matched, complete } = counted
  const first = draft.tries === 'yes' && 'value' in steps ? steps.value[0] : undefined
  return first !== undefined && (first < matched || !complete)
    ? `Start with ${count(first)}`
    : `Resubmit ${numberOf(counted)}`
}
