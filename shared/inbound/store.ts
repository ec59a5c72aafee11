// What Redis knows of event sources: their records, and what came through each.
import { z } from 'zod'
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import { versioned } from '../kernel/versioned.ts'
import type { Versioned } from '../kernel/versioned.ts'
import { eventLogKey, factHead } from '../stream/log.ts'
import { EventSourceChanged } from './contract.ts'
import { FIGURES_MS, REMEMBERED_MS, figuresKey, revisionKey, signedKey, sourcesKey } from './keys.ts'
import type { SourceRecord } from './source.ts'
import { Emit, Refusal, Verify } from './words.ts'

const save = script(new URL('./save.lua', import.meta.url))

/** Event sources that are kept. */
export const SOURCES_MAX = 1_000

export type KeptSource = Versioned<SourceRecord>

/** What came through a source. */
export interface Figures {
  readonly received: number
  readonly duplicates: number
  readonly refused: number
  readonly lastAt: number | null
  readonly lastEvent: string | null
  readonly lastRefusal: { readonly at: number; readonly reason: Refusal } | null
}

type Told = Omit<z.output<typeof EventSourceChanged.data>, 'version'>

export interface SourceStore {
  find(id: string): Promise<KeptSource | undefined>
  /** All by id. Ones that another version of k1n wrote and this one cannot read are left out. */
  all(): Promise<Map<string, KeptSource>>
  figures(ids: readonly string[]): Promise<Figures[]>
  /** Writes a record, or removes it, if it still has the version that was read. Answers the new version. */
  save(told: Told, read: number, record: SourceRecord | undefined): Promise<number | 'changed' | 'full'>
  /** The id under which these bytes first came to a source within a day: this one, unless they came before. */
  firstWith(sourceId: string, signed: string, deliveryId: string): Promise<string>
  /** Counts a delivery that was refused. */
  refuse(id: string, reason: Refusal): Promise<void>
}

export const createSourceStore = (kernel: Kernel): SourceStore => {
  const { redis } = kernel
  const parse = versioned(kernel, 'event source', Stored)
  return {
    async find(id) {
      const text = await redis.hget(sourcesKey(kernel), id)
      return text === null ? undefined : parse(id, text)
    },
    async all() {
      const texts = Object.entries(await redis.hgetall(sourcesKey(kernel)))
      return new Map(
        texts.flatMap(([id, text]) => {
          const record = parse(id, text)
          return record ? [[id, record] as const] : []
        }),
      )
    },
    async figures(ids) {
      const pipeline = redis.pipeline()
      for (const id of ids) pipeline.hgetall(figuresKey(kernel, id))
      return ((await pipeline.exec()) ?? []).map(([error, fields]) => {
        if (error) throw error
        return toFigures(fields as Record<string, string>)
      })
    },
    async save(told, read, record) {
      const answer = await save(
        redis,
        [sourcesKey(kernel), revisionKey(kernel), eventLogKey(kernel), figuresKey(kernel, told.source_id)],
        [
          told.source_id,
          read,
          record === undefined ? '' : JSON.stringify(record),
          SOURCES_MAX,
          factHead(EventSourceChanged.name, kernel.clock.now()),
          JSON.stringify(told),
        ],
      )
      if (answer === 0) return 'changed'
      return answer === -1 ? 'full' : Number(answer)
    },
    async firstWith(sourceId, signed, deliveryId) {
      const key = signedKey(kernel, sourceId, signed)
      return (await redis.set(key, deliveryId, 'PX', REMEMBERED_MS, 'NX', 'GET')) ?? deliveryId
    },
    async refuse(id, reason) {
      const key = figuresKey(kernel, id)
      const last = { refused_at: kernel.clock.now(), reason }
      await redis.multi().hincrby(key, 'refused', 1).hset(key, last).pexpire(key, FIGURES_MS).exec()
    },
  }
}

const toFigures = (fields: Record<string, string>): Figures => {
  const reason = Refusal.safeParse(fields['reason'])
  return {
    received: Number(fields['received'] ?? 0),
    duplicates: Number(fields['duplicates'] ?? 0),
    refused: Number(fields['refused'] ?? 0),
    lastAt: fields['at'] === undefined ? null : Number(fields['at']),
    lastEvent: fields['event'] ?? null,
    lastRefusal: reason.success ? { at: Number(fields['refused_at']), reason: reason.data } : null,
  }
}

const Stored = z.object({
  name: z.string(),
  verify: Verify,
  emit: Emit.nullable(),
  enabled: z.boolean(),
  secrets: z.array(z.object({ sealed: z.string(), hint: z.string(), expiresAt: z.number().nullable() })),
  createdAt: z.number(),
  createdBy: z.string(),
  updatedAt: z.number(),
})
