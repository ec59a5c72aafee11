// Every page: its path, its name, and how to load it. Tests walk this list, so none is forgotten.
import type { Component } from 'svelte'
import type { Params } from './path.ts'

export interface Route<Path extends string = string> {
  path: Path
  /** What the header, the window's title and screen readers call it. */
  title: (params: Params<Path>) => string
  load: () => Promise<Loaded<Component<{ params: never }>>>
}

/** The code of a page. `begin` is called each time somebody is about to arrive, before the page is made, to ask for what it shows
 *  first. One that is `ofTime` is about the span in the header, and made once that will stay. */
interface Loaded<Page> {
  default: Page
  begin?: () => void
  ofTime?: true
}

const page = <const Path extends string>(
  path: Path,
  title: string | ((params: Params<Path>) => string),
  load: () => Promise<Loaded<Component<{ params: Params<Path> }> | Component<Record<string, never>>>>,
): Route<Path> => ({ path, title: typeof title === 'string' ? () => title : title, load })

export const routes = {
  overview: page('/', 'Overview', () => import('./pages/overview/page.svelte')),
  changes: page('/changes', 'Catch me up', () => import('./pages/changes/page.svelte')),
  timeline: page('/timeline', 'Timeline', () => import('./pages/timeline/page.svelte')),
  analytics: page('/analytics', 'Analytics', () => import('./pages/analytics/page.svelte')),
  alerts: page('/alerts', 'Alerts', () => import('./pages/alerts/page.svelte')),
  alertRule: page('/alerts/rules/:id', 'Alert rule', () => import('./pages/alert-rule/page.svelte')),
  queues: page('/queues', 'Queues', () => import('./pages/queues/page.svelte')),
  queue: page(
    '/queues/:queue',
    ({ queue }) => `Queue ${queue}`,
    () => import('./pages/queue/page.svelte'),
  ),
  workers: page('/workers', 'Workers', () => import('./pages/workers/page.svelte')),
  jobs: page('/jobs', 'Jobs', () => import('./pages/jobs/page.svelte')),
  job: page(
    '/jobs/:id',
    ({ id }) => `Job ${id}`,
    () => import('./pages/job/page.svelte'),
  ),
  jobOfQueue: page(
    '/queues/:queue/jobs/:id',
    ({ id }) => `Job ${id}`,
    () => import('./pages/job/page.svelte'),
  ),
  schedules: page('/schedules', 'Schedules', () => import('./pages/schedules/page.svelte')),
  // Before the page of a schedule, whose path it fits too.
  scheduleNew: page('/schedules/new', 'New schedule', () => import('./pages/schedule-edit/page.svelte')),
  scheduleEdit: page(
    '/schedules/:id/edit',
    ({ id }) => `Edit ${id}`,
    () => import('./pages/schedule-edit/page.svelte'),
  ),
  schedule: page(
    '/schedules/:id',
    ({ id }) => `Schedule ${id}`,
    () => import('./pages/schedule/page.svelte'),
  ),
  deadLetters: page('/dlq', 'Dead letters', () => import('./pages/dead-letters/page.svelte')),
  deadLetterList: page('/dlq/entries', 'All dead letters', () => import('./pages/dead-letter-list/page.svelte')),
  deadLetter: page(
    '/dlq/entries/:id',
    ({ id }) => `Dead letter ${id}`,
    () => import('./pages/dead-letter/page.svelte'),
  ),
  deadLetterGroup: page(
    '/dlq/:group',
    'Dead letters of one cause',
    () => import('./pages/dead-letter-group/page.svelte'),
  ),
  operations: page('/operations', 'Operations', () => import('./pages/operations/page.svelte')),
  operation: page(
    '/operations/:id',
    ({ id }) => `Operation ${id}`,
    () => import('./pages/operation/page.svelte'),
  ),
  breakers: page('/breakers', 'Breakers', () => import('./pages/breakers/page.svelte')),
  breaker: page(
    '/breakers/:service',
    ({ service }) => `Breaker of ${service}`,
    () => import('./pages/breaker/page.svelte'),
  ),
  services: page('/services', 'Services', () => import('./pages/services/page.svelte')),
  service: page(
    '/services/:service',
    ({ service }) => `Service ${service}`,
    () => import('./pages/service/page.svelte'),
  ),
  webhooks: page('/webhooks', 'Webhooks', () => import('./pages/webhooks/page.svelte')),
  webhookNew: page('/webhooks/new', 'New endpoint', () => import('./pages/webhook-new/page.svelte')),
  webhook: page('/webhooks/:id', 'Endpoint', () => import('./pages/webhook/page.svelte')),
  webhookEdit: page('/webhooks/:id/edit', 'Edit the endpoint', () => import('./pages/webhook-edit/page.svelte')),
  delivery: page('/webhooks/:id/deliveries/:did', 'Delivery', () => import('./pages/delivery/page.svelte')),
  events: page('/events', 'Events', () => import('./pages/events/page.svelte')),
  eventSources: page('/events/sources', 'Event sources', () => import('./pages/event-sources/page.svelte')),
  eventSourceNew: page('/events/sources/new', 'New source', () => import('./pages/event-source-new/page.svelte')),
  eventSource: page('/events/sources/:id', 'Event source', () => import('./pages/event-source/page.svelte')),
  event: page('/events/:id', 'Event', () => import('./pages/event/page.svelte')),
  keys: page('/keys', 'API keys', () => import('./pages/keys/page.svelte')),
  key: page('/keys/:id', 'API key', () => import('./pages/key/page.svelte')),
  audit: page('/audit', 'Audit', () => import('./pages/audit/page.svelte')),
  settings: page('/settings', 'Settings', () => import('./pages/settings/page.svelte')),
  settingsSection: page('/settings/:section', 'Settings', () => import('./pages/settings/page.svelte')),
  gallery: page('/gallery', 'Gallery', () => import('./pages/gallery/page.svelte')),
} as const

export type RouteName = keyof typeof routes

/** Pages that a part of their path tells what to show, such as `/jobs/:id`. */
export type AskingRouteName = {
  [Name in RouteName]: (typeof routes)[Name]['path'] extends `${string}:${string}` ? Name : never
}[RouteName]
/** Pages whose path is the same for everybody. */
export type PlainRouteName = Exclude<RouteName, AskingRouteName>

/** What is shown at an address that is none of them. */
export const notFound = page('/', 'Not found', () => import('./shell/NotFound.svelte'))

/** Other links to a page: short ones to say and to paste, and those it had before. The parameters are the page's; where another
 *  page has the same path, `fits` tells which of them is meant. */
export const shortLinks: readonly {
  path: string
  opens: RouteName
  fits?: (params: Record<string, string>) => boolean
}[] = [
  { path: '/why/:id', opens: 'job' },
  // The id of a dead letter has a colon, that of a group none.
  { path: '/dlq/:id', opens: 'deadLetter', fits: ({ id = '' }) => id.includes(':') },
]
