// From facts to deliveries: who wants each fact of a page, one body for all of them, and few calls of Redis.
import type { Bull, NewJob } from '../bullmq/bullmq.ts'
import { webhookDeliver } from '../catalog/webhook-deliver.ts'
import { memberAt } from '../kernel/data-filter.ts'
import { hashId } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { matchesName } from '../kernel/name-words.ts'
import { createConsumer } from '../stream/consumer.ts'
import type { Consumer } from '../stream/consumer.ts'
import { PAGE_CHARS } from '../stream/log.ts'
import type { LogEntry } from '../stream/log.ts'
import type { Said } from '../stream/origins.ts'
import { bodyOf } from '../webhooks/message.ts'
import { wants } from '../webhooks/policy.ts'
import { createWebhookStore } from '../webhooks/store.ts'
import { createWebhookView } from '../webhooks/view.ts'
import { WEBHOOKS_CONSUMER } from '../webhooks/words.ts'
import type { WebhookRecord } from '../webhooks/words.ts'
import { DeliveryGivenUp } from './events.ts'
import { deliveryKey, jobId } from './id.ts'
import { withHops } from './hops.ts'
import { ASLEEP_MS } from './asleep.ts'
import type { Parcel } from './parcel.ts'
import { attemptsMax } from './policy.ts'
import { PAYLOAD_MAX, withPayloads } from './payloads.ts'
import { createDeliveryStore } from './store.ts'
import type { DeliveryStore } from './store.ts'
import type { NewDelivery, Opened } from './writing.ts'

/** Deliveries made at once, and characters that are sent with them: each of their jobs has its own copy of the body. */
const SLICE = 400
const SLICE_CHARS = PAGE_CHARS

/** Endpoints from which on it matters which come first. */
const MANY = 100

/** Makes deliveries of all facts that the log is told from now on. One process of the fleet does so at a time. */
export const createFanOut = (kernel: Kernel, bull: Bull): Consumer => {
  const view = createWebhookView(kernel, createWebhookStore(kernel))
  const store = createDeliveryStore(kernel)
  return createConsumer(kernel, {
    name: WEBHOOKS_CONSUMER,
    onGap: (from, to) => store.missed(from, to),
    async handle(page, signal) {
      await view.fresh()
      await fanOut(kernel, { bull, store }, page, [...view.all().values()], signal)
    },
  })
}

export interface FanOutNeeds {
  bull: Bull
  store: DeliveryStore
}

/** Makes the deliveries of a page; those that were made before are left as they are. Answers how many are new. */
export const fanOut = async (
  kernel: Kernel,
  needs: FanOutNeeds,
  page: readonly LogEntry[],
  webhooks: readonly WebhookRecord[],
  signal?: AbortSignal,
): Promise<number> => {
  let made = 0
  let gathered: Parcel[] = []
  let chars = 0
  const flush = async (): Promise<void> => {
    signal?.throwIfAborted()
    made += await post(kernel, needs, await completed(needs.bull, gathered))
    gathered = []
    chars = 0
  }
  for (const some of await inTurn(needs, webhooks)) {
    for (const parcel of parcelsOf(page, some)) {
      const more = charsOf(parcel)
      if (gathered.length === SLICE || (gathered.length > 0 && chars + more > SLICE_CHARS)) await flush()
      gathered.push(parcel)
      chars += more
    }
    if (gathered.length > 0) await flush()
  }
  return made
}

/** With what the jobs say that they tell of. */
export const completed = async (bull: Bull, parcels: readonly Parcel[]): Promise<readonly Parcel[]> =>
  withPayloads(bull, await withHops(bull, parcels))

/** Where there are many endpoints, those that are not sent to now come last: making their deliveries keeps no other waiting. */
const inTurn = async (
  { store }: FanOutNeeds,
  webhooks: readonly WebhookRecord[],
): Promise<readonly (readonly WebhookRecord[])[]> => {
  if (webhooks.length < MANY) return [webhooks]
  const rests = await store.areResting(webhooks.map(({ id }) => id))
  return [webhooks.filter((_each, n) => rests[n] !== true), webhooks.filter((_each, n) => rests[n] === true)]
}

const charsOf = ({ body, taskId }: Parcel): number => body.length + (taskId === undefined ? 0 : PAYLOAD_MAX)

/** What is sent to whom, in the order of the facts. */
export function* parcelsOf(page: readonly LogEntry[], webhooks: readonly WebhookRecord[]): Generator<Parcel> {
  const interested = new Map<string, WebhookRecord[]>()
  const interestedIn = (name: string): WebhookRecord[] => {
    const known = interested.get(name) ?? webhooks.filter((webhook) => isInterested(webhook, name))
    interested.set(name, known)
    return known
  }
  for (const entry of page) {
    const candidates = interestedIn(entry.name)
    if (candidates.length === 0) continue
    const data = parse(entry.data)
    if (isOfDeliveries(entry, data)) continue
    const chosen =
      data === undefined
        ? []
        : candidates.filter((webhook) => wants(webhook, { name: entry.name, data, sent: entry.sent }))
    const body = chosen.length === 0 ? '' : bodyOf(entry)
    const fact: Said = { sent: entry.sent, data }
    for (const webhook of chosen)
      yield { webhook, body, fact, delivery: deliveryOf(entry, webhook, data), ...taskFor(webhook, entry, data) }
  }
}

/** The job whose payload an endpoint is sent along with a fact. What events from outside say of jobs opens nobody's payload. */
export const taskFor = (
  { settings }: WebhookRecord,
  { sent, data: text }: LogEntry,
  data: unknown = parse(text),
): Pick<Parcel, 'taskId'> => {
  const id = settings.include_data && sent === undefined ? memberAt(data, 'task_id') : undefined
  return typeof id === 'string' ? { taskId: id } : {}
}

const isInterested = ({ enabled, settings }: WebhookRecord, name: string): boolean =>
  enabled && settings.event_types.some((pattern) => matchesName(pattern, name))

/** Facts of k1n itself about deliveries and their jobs would make deliveries without end. */
const isOfDeliveries = ({ name, sent }: LogEntry, data: unknown): boolean =>
  sent === undefined && (name === DeliveryGivenUp.name || memberAt(data, 'queue') === webhookDeliver.queue)

export const parse = (text: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

const deliveryOf = (
  { id, name }: LogEntry,
  { id: webhookId, settings }: WebhookRecord,
  data: unknown,
): NewDelivery => ({
  key: deliveryKey(id, webhookId),
  webhookId,
  eventId: id,
  eventType: name,
  order: settings.order_by === null ? '' : orderOf(memberAt(data, settings.order_by)),
})

const ORDER_LENGTH = 16

const orderOf = (value: unknown): string => (value === undefined ? '' : hashId(ORDER_LENGTH, JSON.stringify(value)))

/** Opens the deliveries, then adds their jobs: a job that is there already is left as it is, so that nothing is sent twice
 *  because a process ended in between. */
export const post = async (
  kernel: Kernel,
  { bull, store }: FanOutNeeds,
  parcels: readonly Parcel[],
): Promise<number> => {
  const opened = await store.open(parcels.map(({ delivery }) => delivery))
  await Promise.all(parcels.map((parcel, index) => bull.add(jobOf(kernel, parcel, opened[index] ?? 'known'))))
  return opened.filter((each) => each !== 'known').length
}

/** The job of a delivery. One that waits for its endpoint, or for the delivery before it, sleeps until it is woken. */
export const jobOf = (kernel: Kernel, { delivery, webhook, body, hop = 0 }: Parcel, opened: Opened): NewJob => ({
  queue: webhookDeliver.queue,
  id: jobId(delivery.key),
  name: webhookDeliver.name,
  data: JSON.stringify({
    webhook_id: delivery.webhookId,
    event_id: delivery.eventId,
    event_type: delivery.eventType,
    body,
    ...(delivery.order === '' ? {} : { ordered: true }),
    ...(hop === 0 ? {} : { hop }),
  }),
  opts: { attempts: attemptsMax(webhook.settings.retry), backoff: { type: 'k1n' }, removeOnFail: false },
  timestamp: kernel.clock.now(),
  delay: opened === 'line' || opened === 'waits' ? ASLEEP_MS : 0,
  priority: 0,
  lifo: false,
})
