// Words of metrics: what the overview says at a glance.
import { z } from 'zod'
import { endpoint } from '../kernel/endpoint.ts'
import { Instant } from '../jobs/words.ts'

/** One figure with its last 60 minutes; null where there is nothing to measure. */
const vital = z.object({ value: z.number().nullable(), series: z.array(z.number().nullable()).max(60) })

export const Need = z
  .object({
    kind: z.enum(['dead_letters', 'queue_paused', 'no_worker', 'failure_rate', 'oldest_waiting', 'recorder_behind']),
    title: z.string(),
    detail: z.string(),
    weight: z.number().describe('Jobs affected × age; the list is sorted by it.'),
    link: z.string().describe('Path in the dashboard.'),
    action: z.string().describe('What the one button says.'),
  })
  .meta({ id: 'Need' })
export type Need = z.output<typeof Need>

export const Overview = z
  .object({
    at: Instant,
    verdict: z.string().describe('The first sentence of the first page.'),
    quiet: z.boolean().describe('True when nothing needs anyone.'),
    needs: z.array(Need),
    vitals: z.object({
      finished_per_min: vital,
      first_try_ok: vital.describe('Share of finished jobs that succeeded at the first attempt, 0–1.'),
      wait_p95_ms: vital,
      run_p95_ms: vital,
      waiting: vital,
      running: vital.extend({ slots: z.int() }),
    }),
    dead_letters: z.int(),
    pulse: z
      .array(z.object({ at: z.number(), ok: z.int(), failed: z.int() }))
      .max(90)
      .describe('Per minute, oldest first.'),
    durability: z.enum(['process', 'disk', 'replica', 'none', 'unknown']),
  })
  .meta({ id: 'Overview' })
export type Overview = z.output<typeof Overview>

export const metrics = {
  overview: endpoint({
    method: 'GET',
    path: '/stats/overview',
    operationId: 'getOverview',
    summary: 'The state of everything in one answer',
    tags: ['metrics'],
    scopes: ['metrics:read'],
    replies: { 200: Overview },
    problems: [],
  }),
}
