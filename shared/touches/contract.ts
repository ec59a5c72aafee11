// Words of what a service, a version of workers or a key touches, and of what another limit would have done in the last hour.
import { z } from 'zod'
import { KeyMissing, keyParams } from '../auth/contract.ts'
import { Budget } from '../budgets/words.ts'
import { Instant, JobState } from '../jobs/words.ts'
import { endpoint } from '../kernel/endpoint.ts'
import { ServiceMissing } from '../services/contract.ts'
import { ServiceName } from '../services/words.ts'
import { WorkerMissing } from '../workers/contract.ts'

/** What was looked at of the past, and of how many. */
const Lately = z
  .object({
    since: Instant.describe('A day before they were read, which is up to a minute ago.'),
    accepted: z
      .int()
      .nullable()
      .describe('Jobs accepted since then, of the newest 100,000; null for who may not see every queue.'),
    looked_at: z.int().describe('So many of them were read, evenly over that time, at most 1,000.'),
    gone: z.int().describe('Of those read, jobs that were removed meanwhile: nothing is known of them.'),
    untold: z
      .int()
      .describe('Of those read, jobs that do not tell which service they call, though their kind calls one.'),
  })
  .meta({ id: 'TouchesLately' })

const Use = z.object({
  name: z.string().describe('The name of the jobs.'),
  declared: z.boolean().describe('Their kind says that every such job calls the service.'),
  seen: z.int().describe('Jobs of the last 24 hours, of those looked at, that called it or were to.'),
  parked: z.int().describe('Jobs put away for it, of the delayed ones that were looked at.'),
  now: z.int().describe('Jobs that wait, run or are delayed now and call it, of those that were read.'),
})

export const TouchedQueue = z
  .object({
    queue: z.string(),
    paused: z.boolean(),
    held: z.boolean().describe('Its workers fetch nothing, as all of its jobs call the service.'),
    waiting: z.int().describe('All jobs that wait in it, whatever they call.'),
    running: z.int(),
    delayed: z.int(),
    parked: z.int().describe('Jobs that wait for the service.'),
    parked_exact: z.boolean().describe('False where many are delayed: then it is told by those that were looked at.'),
    uses: z.array(Use).max(20).describe('Jobs that call it, those that are parked first.'),
  })
  .meta({ id: 'TouchedQueue' })
export type TouchedQueue = z.output<typeof TouchedQueue>

export const TouchedFlows = z
  .object({
    data: z
      .array(
        z.object({
          id: z.string().describe('A job that waits for its children.'),
          name: z.string(),
          state: JobState,
          above: z.string().nullable().describe('The job at the top of its flow; null where that is itself.'),
          awaits: z.int().describe('Its children that go through what is looked at, of the jobs that were read.'),
          parked: z.int().describe('Those of them that are parked.'),
        }),
      )
      .max(20)
      .describe('Those that wait for most of them, at most 20.'),
    total: z.int().describe('Parents among the jobs that were read.'),
    looked_at: z.int().describe('Jobs that were read: of each line of each queue some, of all lines together 1,000.'),
    of: z.int().describe('Jobs that wait, run or are delayed in these queues.'),
  })
  .meta({ id: 'TouchedFlows' })
export type TouchedFlows = z.output<typeof TouchedFlows>

export const TouchedSchedules = z
  .object({
    data: z
      .array(
        z.object({
          id: z.string(),
          name: z.string(),
          job_name: z.string(),
          queue: z.string(),
          next_at: Instant.nullable().describe('Null for one that waits for events.'),
        }),
      )
      .max(50)
      .describe('Those due soonest, at most 50; then those that wait for events. Paused ones are left out.'),
    total: z.int(),
    due_24h: z.int().describe('Those due within 24 hours.'),
    complete: z.boolean().describe('False where there were more schedules than are looked at.'),
  })
  .meta({ id: 'TouchedSchedules' })
export type TouchedSchedules = z.output<typeof TouchedSchedules>

export const TouchedWebhooks = z
  .object({
    data: z
      .array(
        z.object({
          id: z.string(),
          url: z.string(),
          hears: z
            .array(z.enum(['breaker', 'jobs']))
            .describe('`breaker`: that its state changes. `jobs`: what becomes of jobs of these queues.'),
          filtered: z.boolean().describe('It has a filter, so it is sent only some of that.'),
        }),
      )
      .max(50),
    total: z.int(),
    complete: z.boolean().describe('False where there were more endpoints than are looked at.'),
  })
  .meta({ id: 'TouchedWebhooks' })
export type TouchedWebhooks = z.output<typeof TouchedWebhooks>

const Calls = z.object({
  from: Instant,
  to: Instant,
  calls: z.int(),
  failures: z.int(),
  refused: z.int(),
})

export const ServiceTouches = z
  .object({
    service: z.string(),
    at: Instant,
    queues: z.array(TouchedQueue).max(50).describe('Those with most parked jobs first, then with most that wait.'),
    queues_total: z.int(),
    parked: z.int().describe('Jobs that wait for it, in all queues that you may see.'),
    parked_exact: z.boolean(),
    lately: Lately,
    flows: TouchedFlows,
    schedules: TouchedSchedules.nullable().describe('Null for who may not read schedules.'),
    webhooks: TouchedWebhooks.nullable().describe('Null for who may not read webhooks.'),
    budget: Budget.nullable().describe('What it is held to, for asking what another limit would have done.'),
    calls: Calls.describe('Of the last hour, as its breaker counted them, whoever called.'),
  })
  .meta({ id: 'ServiceTouches' })
export type ServiceTouches = z.output<typeof ServiceTouches>

export const ServiceChange = z
  .strictObject({
    force: z.enum(['open', 'closed']).optional().describe('Its breaker, held in this state for the whole hour.'),
    budget_limit: z.int().min(1).max(1_000_000_000).optional().describe('Another `limit` of its budget.'),
  })
  .refine(({ force, budget_limit }) => (force === undefined) !== (budget_limit === undefined), {
    message: 'give either `force` or `budget_limit`',
  })
  .meta({ id: 'ServiceChange' })
export type ServiceChange = z.output<typeof ServiceChange>

const Outcome = z.object({
  calls: z.int().describe('Calls that were made, or would have been.'),
  failures: z.int(),
  refused: z.int().describe('Calls that the breaker refused.'),
  delayed: z.int().describe('Calls that had to wait for the budget.'),
  longest_wait_ms: z.int(),
  left: z.int().describe('Calls that still waited when the hour ended.'),
  busiest: z.int().describe("Most calls in one window of the budget, or in a slot where there is none or it is shorter."), // prettier-ignore
})
export const ServiceWhatIf = z
  .object({
    service: z.string(),
    from: Instant,
    to: Instant,
    resolution_ms: z.int().describe('Calls are replayed in slots of so many ms.'),
    as_it_was: Outcome.describe(
      'What was counted. With `budget_limit`: the calls that were made against the budget as it is.',
    ),
    changed: Outcome.describe('The same calls with the change.'),
    estimated: z
      .boolean()
      .describe('`failures` counts calls that were refused in truth as if they had gone like those made last.'),
    notes: z.array(z.string()).describe('What the replay cannot know, in words.'),
  })
  .meta({ id: 'ServiceWhatIf' })
export type ServiceWhatIf = z.output<typeof ServiceWhatIf>

export const WorkerVersion = z
  .string()
  .regex(/^[^\u0000-\u001f\u007f]{1,128}$/, 'must be a version as a worker tells it')

export const VersionTouches = z
  .object({
    version: z.string(),
    at: Instant,
    workers: z
      .array(z.object({ id: z.string(), state: z.enum(['running', 'paused', 'stopping']), running: z.int() }))
      .max(50),
    workers_total: z.int(),
    running: z.int().describe('Jobs they run now.'),
    queues: z
      .array(
        z.object({
          queue: z.string(),
          slots: z.int().describe('Jobs these workers run of it at once.'),
          other_slots: z.int().describe('The same of all other workers that run and are not paused.'),
          waiting: z.int(),
          running: z
            .int()
            .describe(
              'Jobs of it that these workers run now, of those that they name: each of them a hundred at most.',
            ),
          only_here: z.array(z.string()).max(50).describe('Names of jobs that no other worker has code for.'),
        }),
      )
      .max(50)
      .describe('Those on which no other works first.'),
    queues_total: z.int(),
    services: z
      .array(z.object({ service: z.string(), names: z.array(z.string()) }))
      .describe('What the jobs they have code for call, as far as their kinds say one service for all.'),
    flows: TouchedFlows.describe('Jobs that wait for what these workers run now.'),
  })
  .meta({ id: 'WorkerVersionTouches' })
export type VersionTouches = z.output<typeof VersionTouches>

export const KeyTouches = z
  .object({
    key_id: z.string(),
    at: Instant,
    queues: z.array(z.string()).max(50).describe('Queues there are that it may use and you may see.'),
    queues_total: z.int(),
    jobs: z
      .object({
        lately: Lately,
        data: z.array(z.object({ queue: z.string(), name: z.string(), jobs: z.int() })).max(50),
        added: z.int().describe('Jobs it added, of those looked at.'),
      })
      .nullable()
      .describe('What it added in the last 24 hours; null for who may not read jobs.'),
    changes: z
      .object({
        since: Instant,
        data: z.array(z.object({ kind: z.string(), changes: z.int() })).max(50),
        total: z.int(),
        complete: z.boolean().describe('False where it changed more than is looked at.'),
      })
      .nullable()
      .describe('What it changed in the last 24 hours; null for who may not read the audit.'),
    webhooks: z
      .object({ total: z.int(), complete: z.boolean() })
      .nullable()
      .describe(
        "Endpoints of its subscriber; null for a key that is not a subscriber's, or who may not read webhooks.",
      ),
  })
  .meta({ id: 'KeyTouches' })
export type KeyTouches = z.output<typeof KeyTouches>

const ofService = { tags: ['services'], params: z.object({ service: ServiceName }) } as const

export const touches = {
  service: endpoint({
    ...ofService,
    method: 'GET',
    path: '/services/:service/touches',
    operationId: 'getServiceTouches',
    summary: 'What goes through a service: queues, parked jobs, flows, schedules due soon, and webhooks behind it',
    description:
      'Some of it is declared, some was only seen: jobs that were accepted in the last 24 hours and say that they call it. Calls inside a handler that its kind does not declare show in `calls` and among the parked jobs only.',
    scopes: ['services:read', 'queues:read', 'jobs:read'],
    cost: 5,
    replies: { 200: ServiceTouches },
    problems: [ServiceMissing],
  }),
  whatIf: endpoint({
    ...ofService,
    method: 'POST',
    path: '/services/:service/what-if',
    operationId: 'replayService',
    changes: 'nothing',
    summary: "Replay the last hour's calls with the breaker held open or closed, or with another limit of the budget",
    scopes: ['services:read'],
    body: ServiceChange,
    replies: { 200: ServiceWhatIf },
    problems: [ServiceMissing],
  }),
  version: endpoint({
    method: 'GET',
    path: '/worker-versions/:version/touches',
    operationId: 'getWorkerVersionTouches',
    summary: 'What the living workers of one version touch, and what nobody else would do',
    tags: ['workers'],
    scopes: ['workers:read', 'queues:read', 'jobs:read'],
    cost: 5,
    params: z.object({ version: WorkerVersion }),
    replies: { 200: VersionTouches },
    problems: [WorkerMissing],
  }),
  key: endpoint({
    method: 'GET',
    path: '/api-keys/:key_id/touches',
    operationId: 'getApiKeyTouches',
    summary: 'What a key touches: queues it may use, and what it added and changed in the last 24 hours',
    tags: ['keys'],
    scopes: ['keys:read'],
    cost: 5,
    params: keyParams,
    replies: { 200: KeyTouches },
    problems: [KeyMissing],
  }),
}
