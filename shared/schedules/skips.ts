// Slots that are passed over, as history, facts and figures tell them.
import { toIso } from '../kernel/clock.ts'
import { fact } from '../kernel/event.ts'
import type { ScheduleRecord } from './definition.ts'
import type { Decision, Skip } from './due.ts'
import { RunMisfired, RunSkipped } from './run-events.ts'
import type { SkipReason } from './run-words.ts'
import type { Claim, Entry, Standing, Step } from './state.ts'

/** An entry of the history for slots in a row. */
export interface SkippedEntry {
  readonly source: string
  readonly scheduled_for: number
  readonly until: number
  readonly slots: number
  readonly skipped: SkipReason
  readonly at: number
  readonly detail?: string
}

const isMisfire = (reason: SkipReason): boolean => reason === 'missed' || reason === 'catchup_limit'

/** What a step says of the slots it passes over, of claims that must wait, and of those that it gives up. `key` is that of the run
 *  an event would have become. */
export const skipsOf = (
  record: ScheduleRecord,
  queue: string,
  { now }: Standing,
  decision: Pick<Decision, 'skip'>,
  claims: readonly Claim[],
  drops: readonly Claim[],
  key?: string,
): Pick<Step, 'entries' | 'facts' | 'skipped' | 'figures'> => {
  const dropped = drops.map(({ key, scheduledFor }) => ({ key, ...single(scheduledFor, 'overlap') }))
  const skips = [...decision.skip.map((skip) => ({ key: key ?? keyOf(skip), ...skip })), ...dropped]
  const sum = (list: readonly Skip[]): number => list.reduce((total, { count }) => total + count, 0)
  const misfired = sum(skips.filter(({ reason }) => isMisfire(reason)))
  const skipped = sum(skips) - misfired
  return {
    entries: [...skips.map((skip) => entryOf(record, now, skip)), ...waitingEntries(claims)],
    facts: skips.map((skip) => factOfSkip(record.id, queue, now, skip)),
    skipped: skipped + misfired,
    figures: { ...(skipped > 0 ? { skipped } : {}), ...(misfired > 0 ? { misfired } : {}) },
  }
}

export const single = (slot: number, reason: SkipReason): Skip => ({ from: slot, until: slot, count: 1, reason })

/** One slot that is passed over has the key its run would have had. */
const keyOf = ({ from, until }: Skip): string => (from === until ? String(from) : `x${from}-${until}`)

export const entryOf = (
  { definition }: ScheduleRecord,
  at: number,
  { key, from, until, count, reason, detail }: Skip & { key: string },
): Entry => {
  const source = definition.trigger.type
  const more = detail === undefined ? {} : { detail }
  const run: SkippedEntry = { source, scheduled_for: from, until, slots: count, skipped: reason, at, ...more }
  return { key, at: until, run }
}

export const factOfSkip = (id: string, queue: string, at: number, { from, until, count, reason }: Skip) =>
  fact(isMisfire(reason) ? RunMisfired : RunSkipped, at, {
    ...{ schedule_id: id, queue, scheduled_for: toIso(from), until: toIso(until), slots: count, reason },
  })

/** A slot that waits for a job to end, as the history shows it until it starts or is given up. */
const waitingEntries = (claims: readonly Claim[]): Entry[] =>
  claims
    .filter(({ waits }) => waits)
    .map(({ key, scheduledFor, source }) => ({ key, at: scheduledFor, run: { source, scheduled_for: scheduledFor } }))
