// What Redis knows of deliveries: each of them, which are open, which were given up, who stands in line, how endpoints fare.
import type { Kernel } from '../kernel/kernel.ts'
import { createBatch } from '../kernel/batch.ts'
import type { Fact } from '../kernel/event.ts'
import { script } from '../kernel/script.ts'
import { eventLogKey, factArgs } from '../stream/log.ts'
import { createEndpointStore, standingOf } from './endpoint-store.ts'
import { ATTEMPTS_KEPT, toRecord } from './record.ts'
import type { DeliveryRecord, KeptAttempt, KeptStatus } from './record.ts'
import type { Standing } from './policy.ts'

const openScript = script(new URL('./open.lua', import.meta.url))
const attemptedScript = script(new URL('./attempted.lua', import.meta.url))
const joinScript = script(new URL('./join.lua', import.meta.url))
const dueScript = script(new URL('./due.lua', import.meta.url))
const pullScript = script(new URL('./pull.lua', import.meta.url))
const awakeScript = script(new URL('./awake.lua', import.meta.url))
const turnScript = script(new URL('./turn.lua', import.meta.url))
const reopenScript = script(new URL('./reopen.lua', import.meta.url))
const recloseScript = script(new URL('./reclose.lua', import.meta.url))
const trimScript = script(new URL('./trim.lua', import.meta.url))

/** Deliveries in one script call: Redis is held for a millisecond or two. */
const CALL_MAX = 100
/** Who was taken from a line stands so far behind the others until it is awake: beyond every place in time, and exact beside it. */
const BEHIND = 4e15
/** Lines looked at in one call, and when those are looked at again for which there was no room. */
const LOOK_MAX = 200
const PUT_OFF_MS = 2_000
/** Attempts that end within so long of one another are written together: in busy times that halves what writing them costs. */
const ATTEMPTS_APART_MS = 2
/** A delivery is written before its job, and both are made again after a crash: the job is there by then. */
const NEW_MS = 60_000
const HOUR_MS = 3_600_000
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

/** How an endpoint fares after that; `lined` deliveries stand in its line that nobody has taken. */
export interface Fared extends Standing {
  readonly lined: number
}

export interface InLine {
  readonly key: string
  readonly webhookId: string
}

export const createDeliveryStore = (kernel: Kernel) => {
  const { redis, clock } = kernel
  const prefix = kernel.key('deliveries', '')
  const looks = `${prefix}looks`
  const key = (...parts: string[]): string => prefix + parts.join(':')

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
  const statusesOf = async (ids: readonly string[]): Promise<(string | null)[]> => {
    if (ids.length === 0) return []
    const pipeline = redis.pipeline()
    for (const id of ids) pipeline.hget(key('d', id), 's')
    return ((await pipeline.exec()) ?? []).map(([error, status]) => {
      if (error) throw error
      return status as string | null
    })
  }
  const each = async (
    ids: readonly string[],
    ask: (pipeline: ReturnType<typeof redis.pipeline>, id: string, n: number) => unknown,
  ): Promise<(string | null)[][]> => {
    const pipeline = redis.pipeline()
    ids.forEach((id, n) => void ask(pipeline, id, n))
    return ((await pipeline.exec()) ?? []).map(([error, answer]) => {
      if (error) throw error
      return answer as (string | null)[]
    })
  }
  const attempted = createBatch(CALL_MAX, attemptedSlice, ATTEMPTS_APART_MS)
  const join = createBatch(CALL_MAX, async (slice: readonly (InLine & { lookAt: number })[]) => {
    const rows = slice.flatMap(({ key: id, webhookId, lookAt }) => [id, webhookId, Math.ceil(lookAt)])
    await joinScript(redis, [prefix, looks], rows)
    return slice.map(() => undefined)
  })
  return {
    ...createEndpointStore(kernel),
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
    /** Puts a delivery into its endpoint's line, at which somebody looks at `lookAt`, or earlier where that is known. */
    join: (each: InLine & { lookAt: number }) => join(each),
    /** The first in line of endpoints that may be asked again, of those that have not answered well at most so many, and still
     *  fewer of those that fail. They are looked at again at `again`, and come again then unless they are told to be `awake`. */
    async due(most: number, again: number, suspects = most, failing = suspects): Promise<InLine[]> {
      const now = clock.now()
      const terms = [now, most, suspects, failing, again, now + PUT_OFF_MS, BEHIND, LOOK_MAX]
      return pairs((await dueScript(redis, [prefix, looks], terms)) as string[])
    },
    /** The next in the line of one endpoint, until they are `awake`. */
    async pull(webhookId: string, most: number): Promise<string[]> {
      return (await pullScript(redis, [key('line', webhookId)], [most, BEHIND])) as string[]
    },
    /** Those that were taken from lines are on their way. */
    async awake(taken: readonly InLine[]): Promise<void> {
      await awakeScript(redis, [prefix], [BEHIND, ...taken.flatMap(({ key: id, webhookId }) => [id, webhookId])])
    },
    async isTurn(id: string, webhookId: string): Promise<boolean> {
      return (await turnScript(redis, [prefix], [id, webhookId])) === 1
    },
    /** The delivery that another one comes after, if that has neither arrived nor been given up. */
    async ahead(id: string, webhookId: string): Promise<string | undefined> {
      const order = await redis.hget(key('d', id), 'o')
      const first = order === null ? null : await redis.lindex(key('order', webhookId, order), 0)
      if (first === null || first === id) return undefined
      const [status] = await statusesOf([first])
      return status === 'pending' || status === 'failed' ? first : undefined
    },
    /** Whether each of them has neither arrived nor been given up. */
    async areOpen(ids: readonly string[]): Promise<boolean[]> {
      return (await statusesOf(ids)).map((status) => status === 'pending' || status === 'failed')
    },
    /** Whether each of them is open and was made so lately that its job may not be there yet. */
    async areNew(ids: readonly string[]): Promise<boolean[]> {
      if (ids.length === 0) return []
      const rows = await each(ids, (pipeline, id) => pipeline.hmget(key('d', id), 's', 'c'))
      return rows.map(([status, made]) => status === 'pending' && clock.now() - Number(made) < NEW_MS)
    },
    /** Which of them are known. */
    async areKnown(ids: readonly string[]): Promise<boolean[]> {
      return (await statusesOf(ids)).map((status) => status !== null)
    },
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
    /** How each of them stands; null for one that is not known. */
    statuses: statusesOf,
    async find(id: string): Promise<DeliveryRecord | undefined> {
      return toRecord(id, await redis.hgetall(key('d', id)))
    },
    /** Deliveries with their last attempts only. */
    async findBrief(ids: readonly string[]): Promise<(DeliveryRecord | undefined)[]> {
      const heads = await each(ids, (pipeline, id) => pipeline.hmget(key('d', id), ...BRIEF))
      const fields = heads.map((values) => Object.fromEntries(BRIEF.flatMap((name, n) => (values[n] == null ? [] : [[name, values[n]]])))) // prettier-ignore
      const lasts = await each(ids, (pipeline, id, n) => pipeline.hmget(key('d', id), `a${fields[n]?.['n'] ?? 0}`))
      return fields.map((head, n) => toRecord(ids[n] ?? '', { ...head, ...lastOf(head, lasts[n]?.[0]) }))
    },
    /** Keys of deliveries to an endpoint, the newest first, with their places; before a place and key where given. */
    async page(
      set: 'of' | 'lost' | 'open',
      webhookId: string,
      range: { from: number; to: number },
      offset: number,
      count: number,
    ): Promise<{ key: string; place: number }[]> {
      const rows = await redis.zrange(
        key(set, webhookId),
        range.to,
        range.from,
        'BYSCORE',
        'REV',
        'LIMIT',
        offset,
        count,
        'WITHSCORES',
      )
      return Array.from({ length: rows.length / 2 }, (_, n) => ({
        key: rows[2 * n] ?? '',
        place: Number(rows[2 * n + 1]),
      }))
    },
    /** Forgets some that have ended: what is older, and the oldest beyond so many. Answers how many went. */
    async trim(before: number, kept: number): Promise<number> {
      return (await trimScript(redis, [prefix], [before, kept, CALL_MAX, FORGOTTEN_MS])) as number
    },
    /** The latest place among deliveries to an endpoint that were forgotten; 0 when none was. */
    async forgotten(webhookId: string): Promise<number> {
      return Number((await redis.get(key('forgotten', webhookId))) ?? 0)
    },
  }
}
export type DeliveryStore = ReturnType<typeof createDeliveryStore>

/** Where a fact stands in time: ms, and in the decimals of that its place among those of one ms. */
export const placeOf = (eventId: string): number => {
  const [ms = '0', rest = '0'] = eventId.split('-')
  const [sequence = '0', index = '0'] = rest.split('.')
  return Number(ms) * 1_000 + Math.min(999, Number(sequence) * 25 + Number(index))
}

/** The time of a fact at a place, in ms. */
export const timeOf = (place: number): number => Math.floor(place / 1_000)

const BRIEF = ['w', 'e', 't', 'c', 's', 'n', 'x', 'y'] as const

const lastOf = ({ n }: Record<string, string>, text: string | null | undefined): Record<string, string> =>
  n === undefined || text == null ? {} : { [`a${n}`]: text }

/** The power of two that is not below it. */
const widthOf = (ms: number): number => Math.max(0, Math.ceil(Math.log2(Math.max(1, ms))))

const pairs = (flat: readonly string[]): InLine[] =>
  Array.from({ length: flat.length / 2 }, (_, n) => ({ key: flat[2 * n] ?? '', webhookId: flat[2 * n + 1] ?? '' }))
