// Sending much once more as an operation: all that failed since, or what was never sent although its fact is in the log.
import { z } from 'zod'
import type { Kernel } from '../kernel/kernel.ts'
import { matchesName } from '../kernel/name-words.ts'
import { isAfter } from '../bullmq/event-streams.ts'
import { SLICE_MAX } from '../operations/kind.ts'
import type { OperationKind, Outcome } from '../operations/kind.ts'
import { createEventLog, isFull } from '../stream/log.ts'
import { createWebhookStore } from '../webhooks/store.ts'
import { WebhookId } from '../webhooks/words.ts'
import type { WebhookRecord } from '../webhooks/words.ts'
import { ReplayTerms } from './contract.ts'
import { deliveryId } from './id.ts'
import { fanOut, parcelsOf } from './fan-out.ts'
import type { FanOutNeeds } from './fan-out.ts'
import { behind, placeOf, timeOf } from './places.ts'
import type { Position } from './places.ts'
import { readFact, resend } from './resend.ts'
import type { Resend, Resent } from './resend.ts'

export const ReplayParams = z.strictObject({ webhook_id: WebhookId, ...ReplayTerms.shape })
type Params = z.output<typeof ReplayParams>

export const REPLAY_KIND = 'webhook.replay'

/** Deliveries and facts looked at in one step. */
const LOOK = 500

const REASONS: Readonly<Record<Exclude<Resent, 'sent'>, string>> = {
  in_flight: 'It was being sent.',
  gone: 'Neither its job nor its event is kept any more.',
  unknown: 'The delivery is not kept any more.',
}

/** Finds what a replay sends, slice by slice, of what was told until a moment. */
export const createSelection = (kernel: Kernel, needs: FanOutNeeds) => {
  const log = createEventLog(kernel)

  async function* failed(params: Params, until: number): AsyncGenerator<Resend[]> {
    const { from, to } = placesOf(params, until)
    for (const set of setsOf(params))
      for (let at: Position = { place: to, skip: 0 }; ;) {
        const places = await needs.store.page(set, params.webhook_id, { from, to: at.place }, at.skip, LOOK)
        at = places.reduce(behind, at)
        const records = await needs.store.findBrief(places.map(({ key }) => key))
        yield records.flatMap((record) =>
          record?.isTest === false &&
          params.status.some((status) => status === record.status) &&
          isOfTypes(params, record.eventType)
            ? { key: record.key, eventId: record.eventId }
            : [],
        )
        if (places.length < LOOK) break
      }
  }
  async function* neverSent(params: Params, webhook: WebhookRecord, until: number): AsyncGenerator<Resend[]> {
    const end = `${Math.min(until, params.to === undefined ? until : Date.parse(params.to))}-0`
    // What was sent until then is not known any more, so nothing of that time counts as never sent.
    const forgotten = await needs.store.forgotten(params.webhook_id)
    for (let cursor = before(Math.max(Date.parse(params.from), timeOf(forgotten))); ;) {
      const page = await log.readAfter(cursor, LOOK)
      const wanted = page.filter(
        ({ id, name }) => !isAfter(id, end) && placeOf(id) > forgotten && isOfTypes(params, name),
      )
      const parcels = [...parcelsOf(wanted, [webhook])].map(({ delivery }) => delivery)
      const known = await needs.store.areKnown(parcels.map(({ key }) => key))
      yield parcels.filter((_each, n) => known[n] === false).map(({ key, eventId }) => ({ key, eventId }))
      const last = page.at(-1)
      if (!isFull(page, LOOK) || last === undefined || isAfter(last.id, end)) return
      cursor = last.id
    }
  }
  return (params: Params, webhook: WebhookRecord, until: number): AsyncGenerator<Resend[]> =>
    params.missing ? neverSent(params, webhook, until) : failed(params, until)
}

export const webhookReplay = (
  kernel: Kernel,
  needs: FanOutNeeds,
): OperationKind<typeof REPLAY_KIND, typeof ReplayParams, Resend> => {
  const webhooks = createWebhookStore(kernel)
  const selection = createSelection(kernel, needs)
  const send = async (items: readonly Resend[], webhook: WebhookRecord): Promise<Outcome[]> => {
    const facts = await Promise.all(items.map(({ eventId }) => readFact(kernel, eventId)))
    await fanOut(
      kernel,
      needs,
      facts.flatMap((fact) => fact ?? []),
      [webhook],
    )
    return facts.map((fact) => (fact ? { is: 'done' } : { is: 'skipped', reason: REASONS.gone }))
  }
  return {
    name: REPLAY_KIND,
    params: ReplayParams,
    async *select({ params, createdAt }) {
      const webhook = await webhooks.find(params.webhook_id)
      if (!webhook) return
      yield* full(selection(params, webhook, createdAt))
    },
    nameOf: ({ key }) => deliveryId(key),
    async apply(items, { params, id }) {
      const webhook = await webhooks.find(params.webhook_id)
      if (!webhook?.enabled)
        return {
          outcomes: items.map(() => ({ is: 'skipped', reason: 'The webhook is disabled or deleted.' })),
          facts: [],
        }
      if (params.missing) return { outcomes: await send(items, webhook), facts: [] }
      await needs.store.wake(webhook.id)
      const answers = await resend(kernel, needs, webhook, items, id)
      return { outcomes: answers.map(outcomeOf), facts: [] }
    },
  }
}

/** The position before all that was told at that moment. */
const before = (ms: number): string => (ms > 0 ? `${ms - 1}-999999999999999` : '0-0')

const outcomeOf = (answer: Resent): Outcome =>
  answer === 'sent' ? { is: 'done' } : { is: 'skipped', reason: REASONS[answer] }

const isOfTypes = ({ event_types }: Params, name: string): boolean =>
  event_types === undefined || event_types.some((pattern) => matchesName(pattern, name))

const placesOf = ({ from, to }: Params, until: number) => ({
  from: Date.parse(from) * 1_000,
  to: Math.min(until, to === undefined ? until : Date.parse(to)) * 1_000 - 1,
})

/** The smallest sets that hold all that is asked for. */
const setsOf = ({ status }: Params): readonly ('of' | 'lost' | 'open')[] => {
  if (status.includes('succeeded')) return ['of']
  const isLost = status.includes('dead') || status.includes('cancelled')
  return [...(isLost ? (['lost'] as const) : []), ...(status.includes('failed') ? (['open'] as const) : [])]
}

/** Joins small slices to full ones; empty ones tell that it goes on. */
async function* full(slices: AsyncIterable<Resend[]>): AsyncGenerator<Resend[]> {
  let gathered: Resend[] = []
  for await (const slice of slices) {
    gathered.push(...slice)
    for (; gathered.length >= SLICE_MAX; gathered = gathered.slice(SLICE_MAX)) yield gathered.slice(0, SLICE_MAX)
    yield []
  }
  if (gathered.length > 0) yield gathered
}
