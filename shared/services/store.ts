// What Redis knows of services: records of what operators changed, and when which host was last called.
import { z } from 'zod'
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import { versioned } from '../kernel/versioned.ts'
import { eventLogKey, factHead } from '../stream/log.ts'
import { ServiceChanged, ServiceOrigin } from './contract.ts'
import { ServicePatch } from './words.ts'

const save = script(new URL('./save.lua', import.meta.url))
const learn = script(new URL('./learn.lua', import.meta.url))

/** Hosts that are remembered because jobs called them, and services that operators made or changed. */
export const LEARNT_MAX = 1_000
export const RECORDS_MAX = 2_000

/** What operators said about a service, over what is declared. */
export interface ServiceRecord {
  origin: ServiceOrigin
  edits: ServicePatch
  at: number
  by: string
}
export interface Versioned extends ServiceRecord {
  version: number
}

type Told = Omit<z.output<typeof ServiceChanged.data>, 'version'>

export interface ServiceStore {
  /** All records by name. Ones that another version of k1n wrote and this one cannot read are left out. */
  records(): Promise<Map<string, Versioned>>
  /** Of each name its record and when it was last called, if it is learnt. */
  find(names: readonly string[]): Promise<{ record: Versioned | undefined; calledAt: number | undefined }[]>
  /** The names of all records and of all learnt hosts. */
  names(): Promise<string[]>
  /** Another one whenever a record has changed. */
  revision(): Promise<string | null>
  /** Learnt hosts by name, with the time of the last call. */
  learnt(): Promise<Map<string, number>>
  /** Writes a record, or removes it, if it still has the version that was read. Answers the new version. */
  save(told: Told, read: number, record: ServiceRecord | undefined): Promise<number | 'changed' | 'full'>
  /** Remembers a host; answers those that had to leave for it. */
  learn(name: string): Promise<string[]>
  unlearn(name: string): Promise<void>
}

export const servicesChannel = (kernel: Kernel): string => kernel.key('services', 'changed')

export const createServiceStore = (kernel: Kernel): ServiceStore => {
  const { redis } = kernel
  const [records, learnt, revision] = ['records', 'learnt', 'revision'].map((part) => kernel.key('services', part)) as [
    string,
    string,
    string,
  ]
  const readRecord = versioned(kernel, 'service', Stored)
  const parse = (name: string, text: string): Versioned | undefined => {
    const record = readRecord(name, text)
    return record && { ...record, edits: readable(record.edits) }
  }
  return {
    async records() {
      const all = Object.entries(await redis.hgetall(records))
      return new Map(
        all.flatMap(([name, text]) => {
          const record = parse(name, text)
          return record ? [[name, record] as const] : []
        }),
      )
    },
    async find(names) {
      if (names.length === 0) return []
      const [texts, times] = await Promise.all([redis.hmget(records, ...names), redis.zmscore(learnt, ...names)])
      return names.map((name, i) => {
        const [text = null, time = null] = [texts[i], times[i]]
        return {
          record: text === null ? undefined : parse(name, text),
          calledAt: time === null ? undefined : Number(time),
        }
      })
    },
    async names() {
      const [edited, called] = await Promise.all([redis.hkeys(records), redis.zrange(learnt, 0, -1)])
      return [...edited, ...called]
    },
    revision: () => redis.get(revision),
    async learnt() {
      const flat = await redis.zrange(learnt, 0, -1, 'WITHSCORES')
      return new Map(Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i] ?? '', Number(flat[2 * i + 1])]))
    },
    async save(told, read, record) {
      const text = record === undefined ? '' : JSON.stringify(record)
      const now = kernel.clock.now()
      const answer = await save(
        redis,
        [records, revision, eventLogKey(kernel)],
        [
          told.service,
          read,
          text,
          RECORDS_MAX,
          servicesChannel(kernel),
          factHead(ServiceChanged.name, now),
          JSON.stringify(told),
        ],
      )
      if (answer === 0) return 'changed'
      return answer === -1 ? 'full' : Number(answer)
    },
    learn: async (name) => (await learn(redis, [learnt], [name, kernel.clock.now(), LEARNT_MAX])) as string[],
    async unlearn(name) {
      await redis.zrem(learnt, name)
    },
  }
}

const Stored = z.object({
  origin: ServiceOrigin,
  edits: z.record(z.string(), z.unknown()),
  at: z.number(),
  by: z.string(),
})

/** The parts this version of k1n can read; a newer one may have written others. */
const readable = (edits: Record<string, unknown>): ServicePatch =>
  Object.fromEntries(
    Object.entries(ServicePatch.shape).flatMap(([part, schema]) => {
      const { data } = (schema as z.ZodType).safeParse(edits[part])
      return data === undefined ? [] : [[part, data]]
    }),
  )
