// Sending deliveries once more: their jobs live again, or are made again from the log.
import type { Bull, BullState } from '../bullmq/bullmq.ts'
import { webhookDeliver } from '../catalog/webhook-deliver.ts'
import type { Address } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { eventLogKey, factsOf, entryOf } from '../stream/log.ts'
import type { LogEntry } from '../stream/log.ts'
import { bodyOf } from '../webhooks/message.ts'
import type { WebhookRecord } from '../webhooks/words.ts'
import { completed, jobOf, parse, taskFor } from './fan-out.ts'
import type { FanOutNeeds } from './fan-out.ts'
import { jobId } from './id.ts'

/** What is to be sent once more. */
export interface Resend {
  readonly key: string
  readonly eventId: string
}

/** `sent`: it is on its way. `gone`: neither its job nor its fact is there any more. */
export type Resent = 'sent' | 'in_flight' | 'gone' | 'unknown'

/** Sends deliveries to one endpoint once more; asked again under the same mark, none is sent twice. They are opened first: from then
 *  on any attempt that ends leaves its mark, and one of which nothing came is sent, whoever died meanwhile. */
export const resend = async (
  kernel: Kernel,
  needs: FanOutNeeds,
  webhook: WebhookRecord,
  deliveries: readonly Resend[],
  mark = '',
): Promise<Resent[]> => {
  const { bull, store } = needs
  const keys = deliveries.map(({ key }) => key)
  const opened = await store.reopen(keys, mark)
  const states = await bull.stateOf(keys.map(addressOf))
  const statuses = await store.statuses(keys)
  const answers = await Promise.all(
    deliveries.map(async (each, n): Promise<Resent> => {
      if (opened[n] === 'unknown') return 'unknown'
      // An attempt has been made since it was opened.
      if (statuses[n] !== 'pending') return 'sent'
      if (states[n] === 'active') return 'in_flight'
      return revive(kernel, bull, webhook, each, states[n] ?? 'missing')
    }),
  )
  await store.reclose(keys.filter((_key, n) => answers[n] === 'in_flight' || answers[n] === 'gone'))
  return answers
}

const addressOf = (key: string): Address => ({ queue: webhookDeliver.queue, id: jobId(key) })

const revive = async (
  kernel: Kernel,
  bull: Bull,
  webhook: WebhookRecord,
  { key, eventId }: Resend,
  state: BullState,
): Promise<Resent> => {
  if (state === 'delayed') await bull.hasten(webhookDeliver.queue, [jobId(key)])
  else if (state === 'failed' || state === 'completed')
    await bull.revive(addressOf(key), { from: state, resetAttempts: true, delayMs: 0 })
  else if (state === 'missing') {
    const entry = await readFact(kernel, eventId)
    if (entry === undefined) return 'gone'
    const delivery = { key, webhookId: webhook.id, eventId, eventType: entry.name, order: '' }
    const fact = { sent: entry.sent, data: parse(entry.data) }
    const parcel = { delivery, webhook, fact, body: bodyOf(entry), ...taskFor(webhook, entry) }
    for (const whole of await completed(bull, [parcel])) await bull.add(jobOf(kernel, whole, 'known'))
  }
  return 'sent'
}

/** A fact by its position, while the log has it. */
export const readFact = async (kernel: Kernel, eventId: string): Promise<LogEntry | undefined> => {
  const entry = entryOf(eventId)
  const [found] = await kernel.redis.xrange(eventLogKey(kernel), entry, entry)
  return found && factsOf(found).find(({ id }) => id === eventId)
}
