// Writing deliveries: new ones, what came of each attempt, those opened again, and what is forgotten.
import type { Kernel } from '../kernel/kernel.ts'
import { createBatch } from '../kernel/batch.ts'
import type { Fact } from '../kernel/event.ts'
import { script } from '../kernel/script.ts'
import { eventLogKey, factArgs } from '../stream/log.ts'
import { standingOf, widthOf } from './figures.ts'
import type { Fared } from './figures.ts'
import { BEHIND, CALL_MAX, HOUR_MS, deliveryKeys } from './keys.ts'
import { pairs } from './line-store.ts'
import type { InLine } from './line-store.ts'
import { placeOf } from './places.ts'
import { ATTEMPTS_KEPT } from './record.ts'
import type { KeptAttempt, KeptStatus } from './record.ts'

const openScript = script(new URL('./open.lua', import.meta.url))
const attemptedScript = script(new URL('./attempted.lua', import.meta.url))
const reopenScript = script(new URL('./reopen.lua', import.meta.url))
const recloseScript = script(new URL('./reclose.lua', import.meta.url))
const trimScript = script(new URL('./trim.lua', import.meta.url))

/** Attempts that end within so long of one another are written together: in busy times that halves what writing them costs. */
const ATTEMPTS_APART_MS = 2
/** Longer than the log keeps a fact. */
const FORGOTTEN_MS = 60 * 86_400_000

export interface NewDelivery {
  readonly key: string
  readonly webhookId: string
  readonly eventId: string
  readonly eventType: string
  /** Deliveries of one text go one after another; '' for no order. */
  readonly order: string
}

/** `known`: it was opened before. `line`: its endpoint rests. `waits`: another one comes first. */
export type Opened = 'known' | 'now' | 'line' | 'waits'
const opened: readonly Opened[] = ['known', 'now', 'line', 'waits']

/** `again`: it was opened under the same mark before. */
export type Reopened = 'unknown' | 'opened' | 'again'
const reopened: readonly Reopened[] = ['unknown', 'opened', 'again']

/** What came of one attempt, or of a delivery without one. */
export interface Attempted {
  readonly key: string
  readonly webhookId: string
  readonly status: KeptStatus
  readonly nextAt?: number | undefined
  readonly attempt?: KeptAttempt
  /** Whether it speaks for the endpoint or against it; undefined when it says nothing of it. */
  readonly good?: boolean
  /** Told in the same step, and once, when the delivery is given up. */
  readonly told?: Fact
}

/** A test that was sent. */
export interface Tested {
  readonly key: string
  readonly webhookId: string
  readonly eventId: string
  readonly eventType: string
  readonly at: number
  readonly body: string
  readonly attempt: KeptAttempt
  readonly delivered: boolean
}

export const createWriting = (kernel: Kernel) => {
  const { redis, clock } = kernel
  const { prefix, looks, key } = deliveryKeys(kernel)

  const openSlice = async (slice: readonly NewDelivery[]): Promise<Opened[]> => {
    const rows = slice.flatMap((each) => [each.key, each.webhookId, each.eventId, each.eventType, placeOf(each.eventId), each.order]) // prettier-ignore
    const answers = (await openScript(redis, [prefix, looks], [clock.now(), ...rows])) as number[]
    return answers.map((answer) => opened[answer] ?? 'known')
  }
  const attemptedSlice = async (
    slice: readonly Attempted[],
  ): Promise<{ follow: InLine[]; fared: Fared | undefined }[]> => {
    const rows = slice.flatMap(({ attempt, good, nextAt, told, ...each }) => [
      each.key,
      each.webhookId,
      each.status,
      nextAt ?? '',
      attempt === undefined ? '' : JSON.stringify(attempt),
      attempt === undefined ? '' : widthOf(attempt.ms),
      good === undefined ? '' : good ? 1 : 0,
      ...(told === undefined ? ['', ''] : factArgs([told])),
    ])
    const hour = Math.floor(clock.now() / HOUR_MS)
    const [follow, states] = (await attemptedScript(
      redis,
      [prefix, eventLogKey(kernel), looks],
      [clock.now(), hour, ATTEMPTS_KEPT, BEHIND, ...rows],
    )) as [string[], [string, string, string, string, number][]]
    const fared = new Map(
      states.map(([id, failures, since, ok, lined]) => [id, { ...standingOf(failures, since, ok), lined }]),
    )
    // Those that may go on now are told to one asker of the call.
    return slice.map(({ webhookId }, index) => ({
      follow: index === 0 ? pairs(follow) : [],
      fared: fared.get(webhookId),
    }))
  }
  const attempted = createBatch(CALL_MAX, attemptedSlice, ATTEMPTS_APART_MS)
  return {
    /** Writes those that are new, in few calls. */
    async open(deliveries: readonly NewDelivery[]): Promise<Opened[]> {
      const answers: Opened[] = []
      for (let at = 0; at < deliveries.length; at += CALL_MAX)
        answers.push(...(await openSlice(deliveries.slice(at, at + CALL_MAX))))
      return answers
    },
    /** Writes a test down that was sent. Nobody sends it again, and it says nothing of its endpoint. */
    async tested({ key: id, webhookId, eventId, eventType, at, body, attempt, delivered }: Tested): Promise<void> {
      const place = at * 1_000
      const status = delivered ? 'succeeded' : 'dead'
      const fields = {
        w: webhookId,
        e: eventId,
        t: eventType,
        c: at,
        p: place,
        s: status,
        n: 1,
        a1: JSON.stringify(attempt),
      }
      const writing = redis
        .multi()
        .hset(key('d', id), { ...fields, y: 1, z: body })
        .zadd(key('of', webhookId), place, id)
        .zadd(key('ended'), at, id)
      if (!delivered) writing.zadd(key('lost', webhookId), place, id)
      await writing.exec()
    },
    /** Writes what came of an attempt; attempts that end together travel together. `follow`: deliveries that waited for them. */
    attempted: (each: Attempted) => attempted(each),
    /** Opens them again, under the mark of whoever asks. */
    async reopen(ids: readonly string[], mark = ''): Promise<Reopened[]> {
      if (ids.length === 0) return []
      const answers = (await reopenScript(redis, [prefix], [mark, ...ids])) as number[]
      return answers.map((answer) => reopened[answer] ?? 'unknown')
    },
    /** Puts them back to what they were before they were opened again, where no attempt was made since. */
    async reclose(ids: readonly string[]): Promise<void> {
      if (ids.length > 0) await recloseScript(redis, [prefix], [...ids])
    },
    /** Forgets some that have ended: what is older, and the oldest beyond so many. Answers how many went. */
    async trim(before: number, kept: number): Promise<number> {
      return (await trimScript(redis, [prefix], [before, kept, CALL_MAX, FORGOTTEN_MS])) as number
    },
  }
}
