// The groups and pages of the navigation, in the words an operator uses.
import type { Overview } from '../../shared/metrics/contract.ts'
import type { PlainRouteName, RouteName } from '../routes.ts'
import type { IconName } from '../ui/icons.ts'

export interface Entry {
  route: PlainRouteName
  label: string
  icon: IconName
  /** Routes that are shown under this entry. */
  covers: readonly RouteName[]
}

const overview: Entry = { route: 'overview', label: 'Overview', icon: 'overview', covers: ['overview'] }
const changes: Entry = { route: 'changes', label: 'Catch me up', icon: 'clock', covers: ['changes'] }
const timeline: Entry = { route: 'timeline', label: 'Timeline', icon: 'timeline', covers: ['timeline'] }
const analytics: Entry = { route: 'analytics', label: 'Analytics', icon: 'analytics', covers: ['analytics'] }
const alerts: Entry = { route: 'alerts', label: 'Alerts', icon: 'alert', covers: ['alerts', 'alertRule'] }
const queues: Entry = { route: 'queues', label: 'Queues', icon: 'queue', covers: ['queues', 'queue'] }
const workers: Entry = { route: 'workers', label: 'Workers', icon: 'worker', covers: ['workers'] }
const jobs: Entry = { route: 'jobs', label: 'Jobs', icon: 'jobs', covers: ['jobs', 'job', 'jobOfQueue'] }
const schedules: Entry = {
  route: 'schedules',
  label: 'Schedules',
  icon: 'schedule',
  covers: ['schedules', 'schedule', 'scheduleNew', 'scheduleEdit'],
}
const deadLetters: Entry = {
  route: 'deadLetters',
  label: 'Dead letters',
  icon: 'failed',
  covers: ['deadLetters', 'deadLetterList', 'deadLetter', 'deadLetterGroup'],
}

const breakers: Entry = { route: 'breakers', label: 'Breakers', icon: 'held', covers: ['breakers', 'breaker'] }
const webhooks: Entry = {
  route: 'webhooks',
  label: 'Webhooks',
  icon: 'webhook',
  covers: ['webhooks', 'webhookNew', 'webhook', 'webhookEdit', 'delivery'],
}
const events: Entry = {
  route: 'events',
  label: 'Events',
  icon: 'event',
  covers: ['events', 'event', 'eventSources', 'eventSourceNew', 'eventSource'],
}
const services: Entry = { route: 'services', label: 'Services', icon: 'service', covers: ['services', 'service'] }
const operations: Entry = {
  route: 'operations',
  label: 'Operations',
  icon: 'running',
  covers: ['operations', 'operation'],
}

const keys: Entry = { route: 'keys', label: 'API keys', icon: 'key', covers: ['keys', 'key'] }
const audit: Entry = { route: 'audit', label: 'Audit', icon: 'audit', covers: ['audit'] }
const settings: Entry = {
  route: 'settings',
  label: 'Settings',
  icon: 'settings',
  covers: ['settings', 'settingsSection'],
}

/** What stands beside an entry: how much there is that concerns somebody. */
export const countsOf = (known: Counted | undefined): Partial<Record<Entry['route'], number>> => ({
  ...(known && { alerts: known.alerts_firing, deadLetters: known.dead_letters, breakers: known.breakers_not_closed }),
})
type Counted = Pick<Overview, 'alerts_firing' | 'dead_letters' | 'breakers_not_closed'>

export const groups: readonly { name: string; entries: readonly Entry[] }[] = [
  { name: 'Watch', entries: [overview, changes, timeline, analytics, alerts] },
  { name: 'Work', entries: [queues, jobs, schedules, workers] },
  { name: 'Trouble', entries: [deadLetters, breakers] },
  { name: 'Deliver', entries: [webhooks, events] },
  { name: 'Govern', entries: [services, operations, keys, audit, settings] },
]

/** What a subscriber is shown, who sees their webhooks and nothing else. */
export const ofGuests: readonly Entry[] = [webhooks]

/** Whether a page is one of a subscriber's. */
export const isForGuests = (route: RouteName): boolean => ofGuests.some(({ covers }) => covers.includes(route))

/** What the phone's bottom bar holds, before "More". */
export const bottom: readonly Entry[] = [overview, timeline, deadLetters, alerts]

/** Pages the bottom bar has no room for; they are the first thing behind "More". */
export const beyond: readonly Entry[] = groups.flatMap(({ entries }) => entries.filter((one) => !bottom.includes(one)))
