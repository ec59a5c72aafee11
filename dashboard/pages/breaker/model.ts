// The limits of a breaker as fields of a form, and what a replay of the last hour says about them.
import type { Breaker, WhatIf } from '../../../shared/breakers/contract.ts'
import type { BreakerPatch } from '../../../shared/breakers/words.ts'
import { changedIn, numberText, readNumber, type Draft, type NumberRules } from '../../data/draft.ts'
import { count, countOf, duration } from '../../ui/format.ts'
import type { Segment, Span } from '../breakers/strip.ts'

type Config = Breaker['config']
type Patch = BreakerPatch

/** A limit that is a number. */
export interface Limit {
  id: string
  label: string
  unit: (draft: Draft) => string
  hint?: string
  rules: NumberRules
  read: (config: Config) => number | null
  write: (value: number) => Patch
}

const percentOf = { min: 0.01, max: 1, scale: 0.01 }
const seconds = { scale: 1_000, whole: true }
const fixed = (unit: string) => (): string => unit

export const limits: readonly Limit[] = [
  {
    id: 'size',
    label: 'Window',
    unit: (draft) => (draft['type'] === 'count' ? 'calls' : 'seconds'),
    rules: { min: 1, max: 3_600, whole: true },
    read: ({ window }) => window.size,
    write: (size) => ({ window: { size } }),
  },
  {
    id: 'min_calls',
    label: 'Calls at least',
    unit: fixed('calls'),
    hint: 'With fewer in the window nothing is decided.',
    rules: { min: 1, max: 10_000, whole: true },
    read: ({ window }) => window.min_calls,
    write: (min_calls) => ({ window: { min_calls } }),
  },
  {
    id: 'failure_rate_threshold',
    label: 'Opens when so many fail',
    unit: fixed('%'),
    rules: percentOf,
    read: (config) => config.failure_rate_threshold,
    write: (failure_rate_threshold) => ({ failure_rate_threshold }),
  },
  {
    id: 'consecutive_failures',
    label: 'Or after failures in a row',
    unit: fixed('calls'),
    hint: 'Empty: only the share counts.',
    rules: { min: 1, max: 1_000, whole: true, optional: true },
    read: (config) => config.consecutive_failures,
    write: (consecutive_failures) => ({ consecutive_failures }),
  },
  {
    id: 'slow_call_ms',
    label: 'A call is slow after',
    unit: fixed('seconds'),
    rules: { min: 1, max: 86_400_000, ...seconds },
    read: (config) => config.slow_call_ms,
    write: (slow_call_ms) => ({ slow_call_ms }),
  },
  {
    id: 'slow_call_rate_threshold',
    label: 'Opens when so many are slow',
    unit: fixed('%'),
    rules: percentOf,
    read: (config) => config.slow_call_rate_threshold,
    write: (slow_call_rate_threshold) => ({ slow_call_rate_threshold }),
  },
  {
    id: 'open_ms',
    label: 'First open period',
    unit: fixed('seconds'),
    hint: 'Each further one doubles.',
    rules: { min: 100, max: 3_600_000, ...seconds },
    read: (config) => config.open_ms,
    write: (open_ms) => ({ open_ms }),
  },
  {
    id: 'open_max_ms',
    label: 'Longest open period',
    unit: fixed('seconds'),
    rules: { min: 100, max: 86_400_000, ...seconds },
    read: (config) => config.open_max_ms,
    write: (open_max_ms) => ({ open_max_ms }),
  },
  {
    id: 'jitter',
    label: 'Left to chance',
    unit: fixed('%'),
    hint: 'Taken off an open period or added.',
    rules: { min: 0, max: 1, scale: 0.01 },
    read: (config) => config.jitter,
    write: (jitter) => ({ jitter }),
  },
  {
    id: 'half_open_max',
    label: 'Probes',
    unit: fixed('calls'),
    hint: 'Of the whole fleet, in one half-open period.',
    rules: { min: 1, max: 100, whole: true },
    read: (config) => config.half_open_max,
    write: (half_open_max) => ({ half_open_max }),
  },
  {
    id: 'probe_lease_ms',
    label: 'A probe has failed after',
    unit: fixed('seconds'),
    hint: 'Without a word of it.',
    rules: { min: 1_000, max: 86_400_000, ...seconds },
    read: (config) => config.probe_lease_ms,
    write: (probe_lease_ms) => ({ probe_lease_ms }),
  },
]

export const errorClasses = ['transient', 'permanent', 'timeout', 'rate_limited', 'circuit_open', 'unknown'] as const
type ErrorClass = (typeof errorClasses)[number]

const classText = (classes: readonly ErrorClass[]): string =>
  errorClasses.filter((each) => classes.includes(each)).join(' ')
export const classesIn = (draft: Draft): ErrorClass[] =>
  errorClasses.filter((each) => (draft['failure_classes'] ?? '').split(' ').includes(each))
/** The field of classes with one of them turned on or off. */
export const turned = (draft: Draft, error: ErrorClass): string => {
  const on = classesIn(draft)
  return classText(on.includes(error) ? on.filter((each) => each !== error) : [...on, error])
}

/** The form of a configuration. */
export const draftOf = (config: Config): Draft => ({
  type: config.window.type,
  ...Object.fromEntries(limits.map(({ id, read, rules }) => [id, numberText(read(config), rules.scale)])),
  failure_classes: classText(config.failure_classes),
})

export interface Reading {
  patch: Patch
  /** What is wrong, by field. */
  errors: Record<string, string>
}

/** What of a draft differs from what is saved, as the API takes it. */
export const patchOf = (draft: Draft, config: Config): Reading => {
  const reading: Reading = { patch: {}, errors: {} }
  const changed = new Set(changedIn(draft, draftOf(config)))
  for (const { id, rules, write } of limits) {
    if (!changed.has(id)) continue
    const read = readNumber(draft[id] ?? '', rules)
    if ('error' in read) reading.errors[id] = read.error
    else add(reading.patch, read.value === null ? { consecutive_failures: null } : write(read.value))
  }
  if (changed.has('type')) add(reading.patch, { window: { type: draft['type'] === 'count' ? 'count' : 'time' } })
  if (changed.has('failure_classes')) add(reading.patch, { failure_classes: classesIn(draft) })
  if ((reading.patch.open_ms ?? config.open_ms) > (reading.patch.open_max_ms ?? config.open_max_ms))
    reading.errors['open_max_ms'] ??= 'Must not be shorter than the first open period.'
  return reading
}

const add = (patch: Patch, { window, ...rest }: Patch): void => {
  Object.assign(patch, rest, window && { window: { ...patch.window, ...window } })
}

const labels: Readonly<Record<string, string>> = {
  type: 'what is counted',
  failure_classes: 'errors that count',
  ...Object.fromEntries(limits.map(({ id, label }) => [id, label.toLowerCase()])),
}

/** Names of fields for a sentence. */
export const fieldNames = (ids: readonly string[]): string => ids.map((id) => labels[id] ?? id).join(', ')

/** What was replayed. */
export const replayedWords = ({ calls, failures, refused_calls: refused }: WhatIf): string => {
  if (calls + refused === 0) return 'No calls were made in the last hour: there is nothing to replay.'
  const turnedAway = refused === 0 ? '' : `, and ${count(refused)} were refused`
  return `${countOf(calls, 'call')} in the last hour, ${count(failures)} of them failed${turnedAway}.`
}

/** What limits would have done with the last hour. */
export const outcomeWords = ({ opened, open_ms, refused_calls }: WhatIf['proposed']): string => {
  if (opened === 0) return 'Would not have opened.'
  const times = opened === 1 ? 'once' : `${count(opened)} times`
  return `Would have opened ${times}, for ${duration(open_ms)} in all, refusing ${countOf(refused_calls, 'call')}.`
}

/** The replayed hour as pieces of a strip. */
export const replayedSegments = (periods: WhatIf['proposed']['periods'], { from, to }: Span): Segment[] => {
  const open = periods.map(({ opened_at, closed_at }) => ({
    from: Math.max(from, Date.parse(opened_at)),
    to: closed_at === null ? to : Date.parse(closed_at),
    state: 'open' as const,
  }))
  const closed = [{ to: from }, ...open].map((before, i) => ({
    from: before.to,
    to: open[i]?.from ?? to,
    state: 'closed' as const,
  }))
  return [...open, ...closed].filter((each) => each.to > each.from).sort((one, other) => one.from - other.from)
}
