// Endpoints that hear when a service is in trouble: of its breaker, or of the jobs in the queues that go through it.
import type { Principal } from '../auth/contract.ts'
import { CircuitClosed, CircuitHalfOpened, CircuitOpened } from '../breakers/events.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import {
  JobAdded,
  JobActive,
  JobCancelled,
  JobCompleted,
  JobDelayed,
  JobExpired,
  JobFailed,
  JobRemoved,
  JobSkipped,
  JobStalled,
} from '../jobs/events.ts'
import { matchesName } from '../kernel/name-words.ts'
import type { Page } from '../kernel/page.ts'
import type { Webhook } from '../webhooks/contract.ts'
import type { Webhooks } from '../webhooks/webhooks.ts'
import type { TouchedWebhooks } from './contract.ts'

type Heard = TouchedWebhooks['data'][number]

/** Endpoints that are looked at. */
const LOOK = 200
const SHOWN = 50

const ofBreakers = [CircuitOpened, CircuitHalfOpened, CircuitClosed].map(({ name }) => name)
const ofJobs = [
  ...[JobAdded, JobActive, JobCompleted, JobFailed, JobStalled, JobDelayed, JobCancelled, JobSkipped, JobExpired],
  JobRemoved,
].map(({ name }) => name)

export const webhooksOn = (webhooks: Pick<Webhooks, 'list'>, principal: Principal): Promise<Page<Webhook>> =>
  webhooks.list(principal, { limit: LOOK, enabled: 'true' })

export const webhooksBehind = ({ data, page }: Page<Webhook>, queues: readonly string[]): TouchedWebhooks => {
  const behind = data.flatMap((webhook) => {
    const hears = hearsOf(webhook, queues)
    const { id, url, filter } = webhook
    return hears.length === 0 ? [] : [{ id, url, hears, filtered: filter.length > 0 }]
  })
  return { data: behind.slice(0, SHOWN), total: behind.length, complete: !page.has_more }
}

const hearsOf = (webhook: Webhook, queues: readonly string[]): Heard['hears'] => {
  const asksFor = (names: readonly string[]): boolean =>
    names.some((name) => webhook.event_types.some((pattern) => matchesName(pattern, name)))
  // Endpoints of subscribers are told nothing of the installation itself.
  const hearsBreaker = webhook.subscriber === null && asksFor(ofBreakers)
  const hearsJobs = queues.some((queue) => allowsQueue(webhook, queue)) && asksFor(ofJobs)
  return [...(hearsBreaker ? (['breaker'] as const) : []), ...(hearsJobs ? (['jobs'] as const) : [])]
}
