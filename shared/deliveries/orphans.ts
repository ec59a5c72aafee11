// Deliveries whose jobs ended without a word of it, as when somebody cancels or removes one: they end too, so that nobody waits
// behind them for ever.
import type { Bull, BullState } from '../bullmq/bullmq.ts'
import { webhookDeliver } from '../catalog/webhook-deliver.ts'
import { fact } from '../kernel/event.ts'
import { createGone } from '../jobs/gone.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { WebhookRecord } from '../webhooks/words.ts'
import { DeliveryGivenUp } from './events.ts'
import { deliveryId, jobId } from './id.ts'
import type { Lines } from './lines.ts'
import { behind } from './places.ts'
import type { Position } from './places.ts'
import type { DeliveryRecord } from './record.ts'
import { resend } from './resend.ts'
import type { DeliveryStore } from './store.ts'

export interface OrphanNeeds {
  readonly bull: Bull
  readonly store: DeliveryStore
  readonly lines: Pick<Lines, 'wake'>
  readonly webhooks: () => ReadonlyMap<string, WebhookRecord>
}

/** Open deliveries read at once; what one round reads at most, before the next one goes on behind that. */
const PAGE = 100
const PAGES_MAX = 1_000
const ROUND_MAX = 5_000
const SUSPECTS_MAX = 10_000
/** A delivery is written before its job. */
const NEW_MS = 60_000

/** Makes the function that looks at open deliveries, some in each round. One that has no job to go on with is given another where the
 *  log still has its fact, and ends where it has not, or as its job did; what was opened again and came to nothing is again what
 *  it was. That is done at the second look: at the first its job may be just about to be made or to live again. Answers how many. */
export const createOrphans = (kernel: Kernel, needs: OrphanNeeds): ((signal: AbortSignal) => Promise<number>) => {
  const suspects = new Set<string>()
  let pages = openPages(needs)
  const nextPage = async (): Promise<DeliveryRecord[] | undefined> => {
    const { done, value } = await pages.next()
    if (done !== true) return value
    pages = openPages(needs)
    return undefined
  }
  const judge = async (records: readonly DeliveryRecord[]): Promise<number> => {
    const states = await needs.bull.stateOf(records.map(({ key }) => addressOf(key)))
    let ended = 0
    for (const [n, record] of records.entries()) {
      const state = states[n] ?? 'unknown'
      if (!isOver(state)) suspects.delete(record.key)
      else if (!suspects.has(record.key)) suspects.add(record.key)
      else {
        suspects.delete(record.key)
        await settle(kernel, needs, record, state)
        ended++
      }
    }
    return ended
  }
  return async (signal) => {
    if (suspects.size > SUSPECTS_MAX) suspects.clear()
    let [ended, seen] = [0, 0]
    for (let count = 0; count < PAGES_MAX && seen < ROUND_MAX && !signal.aborted; count++) {
      const page = await nextPage()
      if (page === undefined) break
      seen += page.length
      const old = page.filter(({ createdAt }) => kernel.clock.now() - createdAt > NEW_MS)
      if (old.length > 0) ended += await judge(old)
    }
    return ended
  }
}

async function* openPages({ store, webhooks }: OrphanNeeds): AsyncGenerator<DeliveryRecord[], undefined> {
  for (const id of [...webhooks().keys()])
    for (let at: Position = { place: Infinity, skip: 0 }; ;) {
      const places = await store.page('open', id, { from: 0, to: at.place }, at.skip, PAGE)
      at = places.reduce(behind, at)
      const records = await store.findBrief(places.map(({ key }) => key))
      yield records.flatMap((record) => record ?? [])
      if (places.length < PAGE) break
    }
  return undefined
}

const addressOf = (key: string) => ({ queue: webhookDeliver.queue, id: jobId(key) })

const isOver = (state: BullState): boolean => state === 'failed' || state === 'completed' || state === 'missing'

const settle = async (kernel: Kernel, needs: OrphanNeeds, record: DeliveryRecord, state: BullState): Promise<void> => {
  const { bull, store } = needs
  const { key, webhookId } = record
  const webhook = needs.webhooks().get(webhookId)
  // Only what arrived completes: its process ended between the two writes.
  if (state === 'completed')
    return needs.lines.wake((await store.attempted({ key, webhookId, status: 'succeeded' })).follow)
  const isCancelled = await wasCancelled(kernel, bull, key)
  if (state === 'missing' && webhook && !isCancelled) {
    const [answer] = await resend(kernel, { bull, store }, webhook, [record])
    if (answer !== 'gone') return
  } else await store.reclose([key])
  if ((await store.areOpen([key]))[0] !== true) return
  const told = fact(DeliveryGivenUp, kernel.clock.now(), {
    webhook_id: webhookId,
    delivery_id: deliveryId(key),
    event_id: record.eventId,
    event_type: record.eventType,
    attempts: record.attempts,
    reason: state === 'missing' ? 'job_gone' : 'job_ended',
  })
  const { follow } = await store.attempted({
    ...{ key, webhookId, status: isCancelled ? 'cancelled' : 'dead' },
    ...(isCancelled ? {} : { told }),
  })
  await needs.lines.wake(follow)
}

/** One that was cancelled before it ran is forgotten by BullMQ. */
const wasCancelled = async (kernel: Kernel, bull: Bull, key: string): Promise<boolean> => {
  const [stated] = await bull.readStated([addressOf(key)])
  if (stated) return stated.job.cancelled !== undefined
  const [gone] = await createGone(kernel).read([addressOf(key)])
  return gone !== undefined
}
