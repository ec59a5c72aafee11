// Delivering: looks at the endpoint anew, waits where it must, sends, and writes down what came of it.
import type { Bull } from '../bullmq/bullmq.ts'
import { cancel, done, permanent, retryIn } from '../catalog/handler.ts'
import type { Handler, HandlerContext } from '../catalog/handler.ts'
import type { PayloadOf } from '../catalog/kind.ts'
import type { webhookDeliver } from '../catalog/webhook-deliver.ts'
import { fact } from '../kernel/event.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Service } from '../kernel/service.ts'
import type { Outbound } from '../outbound/outbound.ts'
import { disableEndpoint } from '../webhooks/disable.ts'
import { createWebhookStore } from '../webhooks/store.ts'
import type { WebhookRecord } from '../webhooks/words.ts'
import { asleep } from './asleep.ts'
import type { WaitCause } from './asleep.ts'
import { createBeside, tidying } from './beside.ts'
import { createDesk } from './desk.ts'
import { createEndpoints } from './endpoints.ts'
import { DeliveryGivenUp } from './events.ts'
import { deliveryId, keyOfId } from './id.ts'
import { createLines } from './lines.ts'
import { createOrphans } from './orphans.ts'
import { isHopeless, nextDelayMs, restMs } from './policy.ts'
import { createDeliveryCounts, deliveryKind } from '../metrics/delivery-counts.ts'
import { createRates } from './rates.ts'
import type { Fared } from './figures.ts'
import { createSend } from './send.ts'
import type { Sent } from './send.ts'
import { createStandings } from './standings.ts'
import { createDeliveryStore } from './store.ts'
import { createSweep } from './sweep.ts'
import type { Attempted } from './writing.ts'

type Context = HandlerContext<PayloadOf<typeof webhookDeliver>>

export interface Deliverer {
  readonly handler: Handler<typeof webhookDeliver>
  /** Hear of changed endpoints, wake those that lie in lines, forget what is old: to be started with the process. */
  readonly services: readonly Service[]
}

export interface DelivererNeeds {
  bull: Bull
  outbound: Outbound
  /** Jobs of the kind that this process runs at once. */
  slots: number
}

/** An attempt that did not succeed, as the job's failure tells it. */
class DeliveryFailed extends Error {
  override readonly name = 'DeliveryFailed'
}

export const createDeliverer = (kernel: Kernel, { bull, outbound, slots }: DelivererNeeds): Deliverer => {
  const { clock } = kernel
  const webhooks = createWebhookStore(kernel)
  const store = createDeliveryStore(kernel)
  const desk = createDesk(kernel, slots)
  const standings = createStandings(kernel, store)
  const endpoints = createEndpoints(kernel)
  const rates = createRates(kernel)
  const counts = createDeliveryCounts(kernel)
  const lines = createLines(kernel, { bull, store, room: () => desk.roomForSuspects() })
  const send = createSend(kernel, outbound)
  const beside = createBeside(kernel, store)
  const sweep = createSweep(kernel, { bull, store })

  const write = async (attempted: Attempted) => {
    const { follow, fared } = await store.attempted(attempted)
    await lines.wake(follow)
    return fared
  }
  /** The delivery goes into its endpoint's line and its job to sleep; that costs no attempt. */
  const wait = async (
    webhookId: string,
    key: string,
    cause: WaitCause,
    until: number,
    { orOnceItAnswers = false, isBrief = false } = {},
  ): Promise<never> => {
    standings.lined(webhookId)
    const joining = { key, webhookId, lookAt: until, orOnceItAnswers }
    await store.join(joining)
    const others = isBrief ? undefined : sweep({ ...joining, cause })
    if (others) beside.add(others)
    throw asleep(kernel, webhookId, cause)
  }
  const enter = async (webhook: WebhookRecord, key: string): Promise<(ms: number | undefined) => void> => {
    const known = standings.of(webhook.id)
    const standing = known instanceof Promise ? await known : known
    const asked = desk.enter(webhook.id, webhook.settings.concurrency, standing)
    const entry = asked instanceof Promise ? await asked : asked
    if (!entry.entered) {
      const orOnceItAnswers = standing.failures > 0 || standing.succeededAt === undefined
      return wait(webhook.id, key, entry.cause, entry.until, { orOnceItAnswers, isBrief: entry.isBrief === true })
    }
    const rated = rates.take(webhook)
    const until = rated && (await rated)
    if (until === undefined) return entry.leave
    entry.leave(undefined)
    return wait(webhook.id, key, 'budget', until)
  }
  /** What is written is on its way before the job is told to have ended, over the same connection: Redis does the one before the
   *  other, and nobody waits for it. */
  const succeeded = async (webhook: WebhookRecord, key: string, { kept }: Sent) => {
    counts.note(deliveryKind(kept.status, kept.error), kept.ms)
    const { sent, answered, isFirst } = store.arrived({ key, webhookId: webhook.id, attempt: kept })
    if (isFirst) beside.add(answered.then((follow) => lines.wake(follow)))
    if (!standings.isWell(webhook.id)) await fares(webhook, store.fares.tell(webhook.id, true, kept.ms, kept.at))
    else {
      const fared = store.fares.note(webhook.id, kept.ms, kept.at)
      if (fared) beside.add(fares(webhook, fared))
      await sent
    }
    return done({ status: kept.status ?? 0, duration_ms: kept.ms })
  }
  const fares = async (webhook: WebhookRecord, counted: Promise<Fared>): Promise<void> => {
    const fared = await counted
    learn(webhook.id, fared)
    if (fared.lined > 0 && fared.restsUntil === undefined) await goOn(webhook, fared.lined)
  }
  const learn = (webhookId: string, fared: Fared): void => {
    standings.learn(webhookId, fared)
    if (fared.restsUntil !== undefined) desk.rest(webhookId, fared.restsUntil)
  }
  /** The endpoint answers: those in its line come, as many as there is room for. */
  const goOn = (webhook: WebhookRecord, lined: number): Promise<void> =>
    lines.next(webhook.id, Math.min(lined, desk.roomFor(webhook.id, webhook.settings.concurrency)))
  const failed = async (webhook: WebhookRecord, context: Context, key: string, sent: Sent): Promise<never> => {
    const { kept, judgement, askedMs } = sent
    counts.note(deliveryKind(kept.status, kept.error), kept.ms)
    const delayMs = delayOf(kernel, webhook, context, sent)
    const nextAt = delayMs === undefined ? undefined : clock.now() + delayMs
    const told = delayMs === undefined ? { told: givenUp(kernel, webhook, context, key, kept.error) } : {}
    const status = delayMs === undefined ? 'dead' : 'failed'
    const fared = await write({
      key,
      webhookId: webhook.id,
      status,
      nextAt,
      attempt: kept,
      good: false,
      ...told,
    })
    if (judgement === 'gone') await disableEndpoint(kernel, webhooks, webhook, 'gone')
    else if (fared && isHopeless(fared, clock.now())) await disableEndpoint(kernel, webhooks, webhook, 'failing')
    if (fared) {
      const ms = Math.max(
        restMs(fared, clock.now(), kernel.random()) ?? 0,
        judgement === 'throttled' ? (askedMs ?? 0) : 0,
      )
      const until = clock.now() + ms
      await store.blame(webhook.id, kept)
      if (ms > 0) await store.rest(webhook.id, until)
      learn(webhook.id, { ...fared, restsUntil: ms > 0 ? until : undefined })
    }
    const error = new DeliveryFailed(`${deliveryId(key)} to ${webhook.id}: ${kept.error ?? 'it failed'}`)
    throw delayMs === undefined ? permanent(error) : retryIn(error, delayMs)
  }
  return {
    services: [
      endpoints.service,
      rates.service,
      lines,
      tidying(kernel, store, createOrphans(kernel, { bull, store, lines, webhooks: endpoints.all })),
      beside.service,
    ],
    async handler(context) {
      const { payload, signal } = context
      const key = keyOfId(context.id)
      const webhook = await endpoints.find(payload.webhook_id)
      if (!webhook?.enabled) {
        await write({ key, webhookId: payload.webhook_id, status: 'cancelled' })
        // An attempt that was under way when it was deleted has told how it fared once more.
        if (!webhook) await store.drop(payload.webhook_id)
        return cancel(webhook ? 'the endpoint is disabled' : 'the endpoint was deleted')
      }
      if (payload.ordered && !(await store.isTurn(key, webhook.id)))
        throw asleep(kernel, webhook.id, 'concurrency', 'it waits for the delivery before it')
      const leave = await enter(webhook, key)
      let ms: number | undefined
      try {
        const message = {
          key,
          eventId: payload.event_id,
          eventType: payload.event_type,
          body: payload.body,
          hop: payload.hop ?? 0,
          attempt: context.attempt,
        }
        const sent = await send(webhook, message, signal)
        ms = sent.kept.ms
        return await (sent.judgement === 'delivered'
          ? succeeded(webhook, key, sent)
          : failed(webhook, context, key, sent))
      } finally {
        leave(ms)
      }
    },
  }
}

/** Undefined when it is not tried again. */
const delayOf = (
  kernel: Kernel,
  { settings }: WebhookRecord,
  { attempt, maxAttempts }: Context,
  { judgement, askedMs }: Sent,
): number | undefined =>
  judgement === 'gone' || attempt >= maxAttempts
    ? undefined
    : nextDelayMs(settings.retry, attempt, kernel.random(), askedMs)

const givenUp = (
  kernel: Kernel,
  webhook: WebhookRecord,
  { payload, attempt }: Context,
  key: string,
  error: string | null,
) =>
  fact(DeliveryGivenUp, kernel.clock.now(), {
    webhook_id: webhook.id,
    delivery_id: deliveryId(key),
    event_id: payload.event_id,
    event_type: payload.event_type,
    attempts: attempt,
    reason: error ?? 'unknown',
  })
