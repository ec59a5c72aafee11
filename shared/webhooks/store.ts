// What Redis knows of webhooks: their records, and which of them changed last.
import type { z } from 'zod'
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import { versioned } from '../kernel/versioned.ts'
import { eventLogKey, factHead } from '../stream/log.ts'
import type { EndpointChanged, EndpointDisabled } from './events.ts'
import { WebhookDraft } from './words.ts'
import type { WebhookRecord } from './words.ts'

const save = script(new URL('./save.lua', import.meta.url))

export const RECORDS_MAX = 10_000
/** Changes that are remembered for those who know what was before them. */
const RECENT_MAX = 1_000
/** Records read at once: some hundred kilobytes. */
const PAGE = 250

/** The fact that a change is told by; the store adds the version. */
export type Told = ToldBy<typeof EndpointChanged> | ToldBy<typeof EndpointDisabled>
interface ToldBy<Kind extends typeof EndpointChanged | typeof EndpointDisabled> {
  kind: Kind
  data: Omit<z.output<Kind['data']>, 'version'>
}

/** What changed since a revision. `whole`: these are all the records there are. */
export interface Changes {
  revision: number
  whole: boolean
  /** Undefined for a record that is no more, or that another version of k1n wrote and this one cannot read. */
  records: Map<string, WebhookRecord | undefined>
}

export interface WebhookStore {
  /** All records by id, read in pages. Ones that this version of k1n cannot read are left out. */
  records(): Promise<Map<string, WebhookRecord>>
  find(id: string): Promise<WebhookRecord | undefined>
  /** Those of the ids that are there. */
  findMany(ids: readonly string[]): Promise<Map<string, WebhookRecord>>
  /** A higher one whenever a record has changed; 0 before the first. */
  revision(): Promise<number>
  /** What changed after a revision that was answered before; everything when it is none, or too long ago. */
  changesSince(revision: number | undefined): Promise<Changes>
  /** Writes a record, or removes it, if it still has the version that was read (0: it is new), and tells the fact, in one
   *  step. Answers the new version. */
  save(id: string, read: number, record: WebhookDraft | undefined, told: Told): Promise<number | 'changed' | 'full'>
}

export const webhooksChannel = (kernel: Kernel): string => kernel.key('webhooks', 'changed')

export const createWebhookStore = (kernel: Kernel): WebhookStore => {
  const { redis } = kernel
  const records = kernel.key('webhooks', 'records')
  const revision = kernel.key('webhooks', 'revision')
  const recent = kernel.key('webhooks', 'recent')

  const parse = versioned(kernel, 'webhook', WebhookDraft)
  const addTo = (found: Map<string, WebhookRecord>, id = '', text: string | null | undefined = null): void => {
    const record = text === null ? undefined : parse(id, text)
    if (record !== undefined) found.set(id, record)
  }
  const readAll = async (): Promise<Map<string, WebhookRecord>> => {
    const found = new Map<string, WebhookRecord>()
    let cursor = '0'
    do {
      const [next, flat] = await redis.hscan(records, cursor, 'COUNT', PAGE)
      for (let i = 0; i < flat.length; i += 2) addTo(found, flat[i], flat[i + 1])
      cursor = next
    } while (cursor !== '0')
    return found
  }
  const findMany = async (ids: readonly string[]): Promise<Map<string, WebhookRecord>> => {
    const found = new Map<string, WebhookRecord>()
    for (let from = 0; from < ids.length; from += PAGE) {
      const page = ids.slice(from, from + PAGE)
      const texts = await redis.hmget(records, ...page)
      page.forEach((id, i) => addTo(found, id, texts[i]))
    }
    return found
  }
  const readRevision = async (): Promise<number> => Number((await redis.get(revision)) ?? 0)
  /** The ids that changed after a revision, and the revision now; undefined ids when that is not remembered any more. */
  const idsSince = async (known: number): Promise<{ now: number; ids: string[] | undefined }> => {
    const answers = await redis
      .multi()
      .get(revision)
      .zrange(recent, 0, 0, 'WITHSCORES')
      .zrange(recent, `(${known}`, '+inf', 'BYSCORE')
      .exec()
    const [now, oldest, ids] = (answers ?? []).map(([error, answer]) => {
      if (error) throw error
      return answer
    }) as [string | null, string[], string[]]
    const reaches = known <= Number(now) && known >= Number(oldest[1] ?? 1) - 1
    return { now: Number(now), ids: reaches ? ids : undefined }
  }
  return {
    records: readAll,
    find: async (id) => (await findMany([id])).get(id),
    findMany,
    revision: readRevision,
    async changesSince(known) {
      // The revision first: what changes while records are read is found again the next time.
      const { now, ids } = known === undefined ? { now: await readRevision(), ids: undefined } : await idsSince(known)
      if (ids === undefined) return { revision: now, whole: true, records: await readAll() }
      const found = await findMany(ids)
      return { revision: now, whole: false, records: new Map(ids.map((id) => [id, found.get(id)])) }
    },
    async save(id, read, record, { kind, data }) {
      const text = record === undefined ? '' : JSON.stringify(record)
      const head = factHead(kind.name, kernel.clock.now())
      const answer = await save(
        redis,
        [records, revision, recent, eventLogKey(kernel)],
        [id, read, text, RECORDS_MAX, RECENT_MAX, webhooksChannel(kernel), head, JSON.stringify(data)],
      )
      if (answer === 0) return 'changed'
      return answer === -1 ? 'full' : Number(answer)
    },
  }
}
