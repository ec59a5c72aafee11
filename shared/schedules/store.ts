// What Redis knows of schedules: their records, and which changed after which revision.
import { z } from 'zod'
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import { versioned } from '../kernel/versioned.ts'
import { eventLogKey, factHead } from '../stream/log.ts'
import { ScheduleDefinition } from './definition.ts'
import type { ScheduleRecord } from './definition.ts'
import { ScheduleCreated, ScheduleDeleted, ScheduleUpdated } from './events.ts'
import type { ScheduleChange } from './events.ts'

const save = script(new URL('./save.lua', import.meta.url))

export const RECORDS_MAX = 10_000
/** Records read by one command. A request that makes one is at most 32 KiB. */
const SLICE = 100
/** Commands that are on their way at once. */
const ABREAST = 5
const ORDINALS = Array.from({ length: ABREAST }, (_, n) => n)

/** What is told of a change. */
export interface ScheduleTold {
  readonly schedule_id: string
  readonly queue: string
  readonly change: ScheduleChange
  readonly actor: string
}

export interface ScheduleStore {
  /** All records by id. Ones that another version of k1n wrote and this one cannot read are left out. */
  records(): Promise<Map<string, ScheduleRecord>>
  find(id: string): Promise<ScheduleRecord | undefined>
  /** Of each id that is there its record; `unreadable` for one that another version of k1n wrote and this one cannot read. */
  findMany(ids: readonly string[]): Promise<Map<string, ScheduleRecord | 'unreadable'>>
  /** The ids of all records. */
  ids(): Promise<string[]>
  /** The ids of records written after a revision. */
  changedAfter(revision: number): Promise<string[]>
  /** How many there are. */
  count(): Promise<number>
  /** The highest version ever given; another one whenever a record has changed or gone. */
  revision(): Promise<number>
  /** Writes a record, or removes it, if it still has the version that was read (0: there is none), and tells it in the same
   *  step, also to whoever listens for changes. Answers the new version. */
  save(
    told: ScheduleTold,
    read: number,
    record: Omit<ScheduleRecord, 'version'> | undefined,
  ): Promise<number | 'changed' | 'full'>
}

export const createScheduleStore = (kernel: Kernel): ScheduleStore => {
  const { redis } = kernel
  const key = (part: string): string => kernel.key('schedules', part)
  const [records, versions, revision, changed] = [key('records'), key('versions'), key('revision'), key('changed')]
  const readRecord = versioned(kernel, 'schedule', Stored)
  const parse = (id: string, text: string): ScheduleRecord | undefined => {
    const record = readRecord(id, text)
    return record && { ...record, id }
  }
  const ids = (): Promise<string[]> => redis.zrange(versions, 0, -1)
  const findMany: ScheduleStore['findMany'] = async (wanted) => {
    const found = new Map<string, ScheduleRecord | 'unreadable'>()
    const readSlice = async (slice: readonly string[]): Promise<void> => {
      const texts = slice.length === 0 ? [] : await redis.hmget(records, ...slice)
      slice.forEach((id, index) => {
        const text = texts[index]
        if (text) found.set(id, parse(id, text) ?? 'unreadable')
      })
    }
    for (let first = 0; first < wanted.length; first += SLICE * ABREAST)
      await Promise.all(ORDINALS.map((n) => readSlice(wanted.slice(first + n * SLICE, first + (n + 1) * SLICE))))
    return found
  }
  return {
    ids,
    findMany,
    async records() {
      const found = await findMany(await ids())
      return new Map([...found].filter((entry): entry is [string, ScheduleRecord] => entry[1] !== 'unreadable'))
    },
    async find(id) {
      const text = await redis.hget(records, id)
      return text === null ? undefined : parse(id, text)
    },
    changedAfter: (known) => redis.zrange(versions, `(${known}`, '+inf', 'BYSCORE'),
    count: () => redis.zcard(versions),
    revision: async () => Number((await redis.get(revision)) ?? 0),
    async save(told, read, record) {
      const text = record === undefined ? '' : JSON.stringify(record)
      const head = factHead(kindOf(told.change).name, kernel.clock.now())
      const answer = await save(
        redis,
        [records, versions, revision, eventLogKey(kernel)],
        [told.schedule_id, read, text, RECORDS_MAX, changed, head, JSON.stringify(told)],
      )
      if (answer === 0) return 'changed'
      return answer === -1 ? 'full' : Number(answer)
    },
  }
}

const kindOf = (change: ScheduleChange) =>
  change === 'created' ? ScheduleCreated : change === 'deleted' ? ScheduleDeleted : ScheduleUpdated

const Stored = z.object({
  origin: z.enum(['code', 'api', 'adopted']),
  definition: ScheduleDefinition,
  declared: ScheduleDefinition.nullable(),
  changed: z.array(z.keyof(ScheduleDefinition)),
  orphanedAt: z.number().nullable(),
  pause: z
    .object({ reason: z.string().nullable(), by: z.string(), at: z.number(), until: z.number().nullable() })
    .nullable(),
  adoption: z.object({ queue: z.string(), schedulerId: z.string(), underWay: z.boolean() }).optional(),
  hears: z.object({ queues: z.array(z.string()), outside: z.boolean() }).optional(),
  createdAt: z.number(),
  updatedAt: z.number(),
  by: z.string(),
  since: z.number(),
  earlier: z.object({ since: z.number(), until: z.number() }).optional(),
})
