// Writing deliveries: new ones, what came of each attempt, those opened again, and what is forgotten.
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import { createFares } from './fares.ts'
import type { Fared } from './figures.ts'
import { CALL_MAX, deliveryKeys } from './keys.ts'
import type { InLine } from './line-store.ts'
import { createOutcomes } from './outcomes.ts'
import type { Outcome } from './outcomes.ts'
import { placeOf } from './places.ts'
import type { KeptAttempt } from './record.ts'

const openScript = script(new URL('./open.lua', import.meta.url))
const reopenScript = script(new URL('./reopen.lua', import.meta.url))
const recloseScript = script(new URL('./reclose.lua', import.meta.url))
const trimScript = script(new URL('./trim.lua', import.meta.url))

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

/** An outcome, and what it says of its endpoint. */
export interface Attempted extends Outcome {
  /** Whether it speaks for the endpoint or against it; undefined when it says nothing of it. */
  readonly good?: boolean
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
  const outcomes = createOutcomes(kernel)
  const fares = createFares(kernel)
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
    async attempted({ good, ...outcome }: Attempted): Promise<{ follow: InLine[]; fared: Fared | undefined }> {
      const { webhookId, attempt } = outcome
      const { answered, isFirst } = outcomes(outcome)
      const told = good === undefined ? undefined : fares.tell(webhookId, good, attempt?.ms, attempt?.at ?? clock.now())
      const [follow, fared] = await Promise.all([answered, told])
      return { follow: isFirst ? follow : [], fared }
    },
    /** Writes that a delivery arrived. */
    arrived: (outcome: Omit<Outcome, 'status'>) => outcomes({ ...outcome, status: 'succeeded' }),
    fares,
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
