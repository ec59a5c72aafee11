// Every page: its path, its name, and how to load it. Tests walk this list, so none is forgotten.
import type { Component } from 'svelte'
import type { Params } from './path.ts'

export interface Route<Path extends string = string> {
  path: Path
  /** What the header, the window's title and screen readers call it. */
  title: (params: Params<Path>) => string
  load: () => Promise<{ default: Component<{ params: never }> }>
}

const page = <const Path extends string>(
  path: Path,
  title: string | ((params: Params<Path>) => string),
  load: () => Promise<{ default: Component<{ params: Params<Path> }> | Component<Record<string, never>> }>,
): Route<Path> => ({ path, title: typeof title === 'string' ? () => title : title, load })

export const routes = {
  overview: page('/', 'Overview', () => import('./pages/overview/page.svelte')),
  timeline: page('/timeline', 'Timeline', () => import('./pages/timeline/page.svelte')),
  analytics: page('/analytics', 'Analytics', () => import('./pages/analytics/page.svelte')),
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
  deadLetters: page('/dlq', 'Dead letters', () => import('./pages/dead-letters/page.svelte')),
  deadLetter: page(
    '/dlq/:id',
    ({ id }) => `Dead letter ${id}`,
    () => import('./pages/dead-letter/page.svelte'),
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
  gallery: page('/gallery', 'Gallery', () => import('./pages/gallery/page.svelte')),
} as const

export type RouteName = keyof typeof routes

/** Short links to say and to paste, and the page each of them opens; the parameters are the page's. */
export const shortLinks: readonly { path: string; opens: RouteName }[] = [{ path: '/why/:id', opens: 'job' }]
