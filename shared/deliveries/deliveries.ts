// Deliveries: what became of each fact on its way to each endpoint, and sending it once more.
import type { Principal } from '../auth/contract.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import { webhookDeliver } from '../catalog/webhook-deliver.ts'
import { toIso } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Page } from '../kernel/page.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import type { Operations } from '../operations/operations.ts'
import type { Operation } from '../operations/words.ts'
import type { LogEntry } from '../stream/log.ts'
import { known, mayKnow, maySeeSent, mustMayChange } from '../webhooks/access.ts'
import { createWebhookStore } from '../webhooks/store.ts'
import type { HealthOfEndpoints } from '../webhooks/webhooks.ts'
import type { WebhookRecord } from '../webhooks/words.ts'
import { DeliveryInFlight, DeliveryMissing, DeliveryNotResendable, WebhookDisabled } from './contract.ts'
import type { ReplayPreview, ReplayTerms } from './contract.ts'
import type { Gap } from './endpoint-store.ts'
import { keyOfId } from './id.ts'
import { listDeliveries } from './list.ts'
import type { DeliveryQueryOutput } from './list.ts'
import type { Health } from './figures.ts'
import { timeOf } from './places.ts'
import { disablesAt } from './policy.ts'
import { present } from './record.ts'
import type { DeliveryRecord } from './record.ts'
import { inReplayPlace } from './replay-place.ts'
import { REPLAY_KIND, createSelection } from './replay.ts'
import { readFact, resend } from './resend.ts'
import { bodySent, hasPayload, readTask } from './sent-body.ts'
import { createDeliveryStore } from './store.ts'
import type { DeliveryStore } from './store.ts'
import { lookAt } from './waits.ts'
import type { Delivery, DeliverySummary, EndpointHealth } from './words.ts'

export interface Deliveries {
  /** Problem: `webhook-not-found`. */
  list(principal: Principal, webhookId: string, query: DeliveryQueryOutput): Promise<Page<DeliverySummary>>
  /** Problem: `webhook-not-found`. */
  health(principal: Principal, webhookId: string): Promise<EndpointHealth>
  /** How many endpoints fare, by their ids; without those that are gone or not theirs to know. */
  healths(principal: Principal, webhookIds: readonly string[]): Promise<Map<string, EndpointHealth>>
  /** Without what was sent and answered where the principal may not see the fact. Problem: `delivery-not-found`. */
  show(principal: Principal, id: string): Promise<Delivery>
  /** Problems: those of `show` and `mustMayChange`, `delivery-in-flight`, `delivery-not-resendable`, `webhook-disabled`. */
  retry(principal: Principal, id: string): Promise<Delivery>
  /** Problems: `webhook-not-found`, those of `mustMayChange`, `webhook-disabled`, `replay-running`. */
  replay(
    principal: Principal,
    webhookId: string,
    request: ReplayTerms,
    options?: { idempotencyKey?: string | undefined },
  ): Promise<Operation>
  /** How many a replay would send. Problems: `webhook-not-found`, those of `mustMayChange`, `webhook-disabled`. */
  preview(principal: Principal, webhookId: string, request: ReplayTerms): Promise<ReplayPreview>
}

export interface DeliveriesNeeds {
  bull: Bull
  operations: Operations
}

export const createDeliveries = (kernel: Kernel, { bull, operations }: DeliveriesNeeds): Deliveries => {
  const store = createDeliveryStore(kernel)
  const webhooks = createWebhookStore(kernel)

  const webhookOf = async (principal: Principal, id: string): Promise<WebhookRecord> =>
    known(principal, id, await webhooks.find(id))
  const changeable = async (principal: Principal, id: string): Promise<WebhookRecord> => {
    const webhook = await webhookOf(principal, id)
    mustMayChange(principal, webhook)
    return webhook
  }
  /** A delivery whose endpoint somebody may not know is as if it were not there. */
  const read = async (
    principal: Principal,
    id: string,
  ): Promise<{ record: DeliveryRecord; webhook: WebhookRecord }> => {
    const record = await store.find(keyOfId(id))
    const webhook = record && (await webhooks.find(record.webhookId))
    if (record && webhook && mayKnow(principal, webhook)) return { record, webhook }
    throw DeliveryMissing(`There is no delivery ${id}.`)
  }
  const shown = async (
    principal: Principal,
    { record, webhook }: { record: DeliveryRecord; webhook: WebhookRecord },
  ): Promise<Delivery> => {
    const looking = lookAt({ bull, store }, record, webhook, kernel.clock.now())
    if (record.isTest)
      return present(record, webhookDeliver.queue, await looking, { body: record.testBody ?? null, isSeen: true })
    const [looked, fact, task] = await Promise.all([looking, readFact(kernel, record.eventId), readTask(bull, record)])
    const body = bodySent(webhook, task, fact)
    const isSeen =
      maySeeSent(principal, webhook, fact && { ...fact, value: dataOf(fact) }) &&
      (!hasPayload(body) || maySeePayload(principal))
    return present(record, webhookDeliver.queue, looked, { body, isSeen })
  }
  const retry = async (principal: Principal, id: string): Promise<Delivery> => {
    const { record, webhook } = await read(principal, id)
    mustMayChange(principal, webhook)
    mustBeEnabled(webhook)
    if (record.isTest) throw DeliveryNotResendable(`${id} was a test; test the webhook again instead.`)
    // Somebody asks for it: the endpoint is tried although it rests.
    await store.wake(webhook.id)
    const [answer] = await resend(kernel, { bull, store }, webhook, [record])
    if (answer === 'in_flight') throw DeliveryInFlight(`The delivery ${id} is being sent; wait for what it comes to.`)
    if (answer !== 'sent') throw DeliveryNotResendable(`Neither the job of ${id} nor its event is kept any more.`)
    return shown(principal, { record: (await store.find(record.key)) ?? record, webhook })
  }
  const replay: Deliveries['replay'] = async (principal, webhookId, request, { idempotencyKey } = {}) => {
    mustBeEnabled(await changeable(principal, webhookId))
    const params = { webhook_id: webhookId, ...request }
    return inReplayPlace(kernel, operations, webhookId, () =>
      operations.start(principal, { kind: REPLAY_KIND, params, idempotencyKey }),
    )
  }
  const forgottenUntil = async (webhookId: string, { from }: ReplayTerms): Promise<string | null> => {
    const at = timeOf(await store.forgotten(webhookId))
    return at >= Date.parse(from) ? toIso(at) : null
  }
  const healths: Deliveries['healths'] = async (principal, webhookIds) => {
    const records = await webhooks.findMany(webhookIds)
    const ids = [...records.values()].filter((record) => mayKnow(principal, record)).map(({ id }) => id)
    const [all, gap] = await Promise.all([store.healths(ids), store.gap()])
    const health = (id: string, n: number): [string, EndpointHealth][] => {
      const [found, webhook] = [all[n], records.get(id)]
      return found === undefined || webhook === undefined ? [] : [[id, healthOf(webhook, found, gap)]]
    }
    return new Map(ids.flatMap(health))
  }
  const select = createSelection(kernel, { bull, store })
  const preview: Deliveries['preview'] = async (principal, webhookId, request) => {
    const webhook = await changeable(principal, webhookId)
    mustBeEnabled(webhook)
    const until = performance.now() + COUNT_MS
    const forgotten_until = request.missing ? await forgottenUntil(webhookId, request) : null
    let matched = 0
    for await (const slice of select({ webhook_id: webhookId, ...request }, webhook, kernel.clock.now())) {
      matched += slice.length
      if (matched >= COUNT_MAX || performance.now() > until) return { matched, capped: true, forgotten_until }
    }
    return { matched, capped: false, forgotten_until }
  }
  return {
    list: (principal, webhookId, query) =>
      guardRedis(
        webhookOf(principal, webhookId).then(() => listDeliveries(kernel, { bull, store }, webhookId, query)),
        'read',
      ),
    health: (principal, webhookId) =>
      guardRedis(
        webhookOf(principal, webhookId).then(async (webhook) =>
          healthOf(webhook, await store.health(webhookId), await store.gap()),
        ),
        'read',
      ),
    healths: (principal, webhookIds) => guardRedis(healths(principal, webhookIds), 'read'),
    show: (principal, id) =>
      guardRedis(
        read(principal, id).then((found) => shown(principal, found)),
        'read',
      ),
    retry: (principal, id) => guardRedis(retry(principal, id)),
    replay: (...args) => guardRedis(replay(...args)),
    preview: (...args) => guardRedis(preview(...args), 'read'),
  }
}

/** A preview counts no further, and no longer: what it says then is `at least`. */
const COUNT_MAX = 10_000
const COUNT_MS = 500

const mustBeEnabled = ({ id, enabled }: WebhookRecord): void => {
  if (!enabled) throw WebhookDisabled(`The webhook ${id} is disabled; enable it first.`)
}

const dataOf = ({ data }: LogEntry): Record<string, unknown> => JSON.parse(data) as Record<string, unknown>

/** A subscriber has got it. */
const maySeePayload = ({ subscriber, scopes }: Principal): boolean =>
  subscriber !== undefined || scopes.includes('jobs:data')

const isoOf = (at: number | undefined): string | null => (at === undefined ? null : toIso(at))

const gapOf = ({ createdAt }: WebhookRecord, gap: Gap | undefined): EndpointHealth['gap'] =>
  gap === undefined || createdAt > gap.to ? null : { from: toIso(gap.from), to: toIso(gap.to) }

const healthOf = (webhook: WebhookRecord, health: Health, gap: Gap | undefined): EndpointHealth => ({
  webhook_id: webhook.id,
  gap: gapOf(webhook, gap),
  last_success_at: isoOf(health.succeededAt),
  last_failure_at: isoOf(health.failedAt),
  consecutive_failures: health.failures,
  failing_since: isoOf(health.failingSince),
  rests_until: isoOf(health.restsUntil),
  disables_at: isoOf(disablesAt(health)),
  attempts: [...health.widths.values()].reduce((sum, count) => sum + count, 0),
  arrived: health.arrived,
  backlog: health.backlog,
  p95_ms: p95(health.widths),
})

const P95 = 0.95

const p95 = (widths: ReadonlyMap<number, number>): number | null => {
  const all = [...widths].sort(([a], [b]) => a - b)
  const total = all.reduce((sum, [, count]) => sum + count, 0)
  let seen = 0
  for (const [width, count] of all) if ((seen += count) >= P95 * total) return 2 ** width
  return null
}

/** What the room of webhooks is told of how its endpoints fare. */
export const createHealth = (
  kernel: Kernel,
  store: DeliveryStore = createDeliveryStore(kernel),
): HealthOfEndpoints => ({
  async of(ids) {
    const standings = ids.length === 0 ? [] : await store.standings(ids)
    return new Map(
      standings.flatMap(({ succeededAt, failedAt, failedWith, failures }, n) =>
        succeededAt === undefined && failedAt === undefined
          ? []
          : [
              [
                ids[n] ?? '',
                {
                  ...{ lastSuccessAt: succeededAt ?? null, lastFailureAt: failedAt ?? null },
                  ...{ consecutiveFailures: failures, failedWith: failedWith ?? null },
                },
              ],
            ],
      ),
    )
  },
  forgive: (id) => store.forgive(id),
  forget: (id) => store.bury(id),
})
