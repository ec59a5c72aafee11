// One event in words: where it came from, when, and what it set off.
import type { Event } from '../../../shared/inbound/contract.ts'
import { countOf } from '../../ui/format.ts'
import { isUnsettled } from '../events/model.ts'

export interface Fact {
  label: string
  value: string
  at?: string
}

/** What is known of it, without what says nothing. `origin` is where it came from, in words. */
export const factsOf = (event: Event, origin: string): Fact[] => [
  { label: 'Came from', value: origin },
  ...(event.subject === null ? [] : [{ label: 'About', value: event.subject }]),
  { label: 'Happened', value: '', at: event.occurred_at },
  { label: 'Received', value: '', at: event.received_at },
  ...(event.hop > 0 ? [{ label: 'Went round', value: countOf(event.hop, 'time') }] : []),
  { label: 'Id', value: event.id },
]

/** What a fact means that tells of a loss, and what can be done about it; nothing for other facts. */
export const lossWords = ({ event, data }: Pick<Event, 'event' | 'data'>): string => {
  if (event !== 'system.consumer_gap') return ''
  const who = data['consumer']
  const lost = 'The log outgrew its bound: facts were removed before they were read.'
  if (who === 'webhooks')
    return `${lost} No endpoint was sent them. “Send what was never sent since…” on an endpoint’s page sends what the log still has; what became of jobs is among the jobs and the dead letters.`
  return who === 'schedules'
    ? `${lost} No schedule was set off by them; what waits for one is triggered by hand.`
    : lost
}

/** What schedules started for it, in a sentence; endpoints that are sent it are another matter. */
export const startedLine = (event: Pick<Event, 'id' | 'position' | 'matched'>): string => {
  const { matched } = event
  if (matched === null) return isUnsettled(event) ? 'What it set off is not known.' : 'A fact of k1n.'
  return matched.length === 0
    ? 'No schedule started a job for it.'
    : `Schedules started ${countOf(matched.length, 'job')} for it.`
}
