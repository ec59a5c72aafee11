// Notes that people put on the timeline: by time, and each by its id.
import type { Principal } from '../auth/contract.ts'
import { demandAllQueues } from '../auth/reach.ts'
import { toIso } from '../kernel/clock.ts'
import { makeId } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { ValidationFailed } from '../kernel/problems.ts'
import { AnnotationMissing } from './contract.ts'
import type { Annotation } from './contract.ts'

/** Notes are of no queue: for those who may see every one. Others are refused as `resource-forbidden`. */
export interface Notes {
  within(principal: Principal, span: { from: number; to: number }): Promise<Annotation[]>
  add(principal: Principal, note: { text: string; at?: string | undefined }): Promise<Annotation>
  remove(principal: Principal, id: string): Promise<void>
}

export const NOTES_AGE_MS = 90 * 86_400_000
export const NOTES_KEPT = 5_000
const TOLD = 500
const WHAT = 'Notes tell'

export const createNotes = (kernel: Kernel): Notes => {
  const { redis, clock } = kernel
  /** Ids by time, and the notes by id. */
  const [order, texts] = [kernel.key('timeline', 'notes'), kernel.key('timeline', 'note-texts')]
  const drop = async (ids: readonly string[]): Promise<void> => {
    if (ids.length > 0)
      await redis
        .multi()
        .zrem(order, ...ids)
        .hdel(texts, ...ids)
        .exec()
  }
  const tidy = async (): Promise<void> => {
    await drop(await redis.zrangebyscore(order, '-inf', clock.now() - NOTES_AGE_MS))
    await drop(await redis.zrange(order, 0, -NOTES_KEPT - 1))
  }
  return {
    async within(principal, { from, to }) {
      demandAllQueues(principal, WHAT)
      const ids = (await redis.zrevrangebyscore(order, to, from, 'LIMIT', 0, TOLD)).reverse()
      const kept = ids.length === 0 ? [] : await redis.hmget(texts, ...ids)
      return kept.flatMap((text) => (text === null ? [] : [JSON.parse(text) as Annotation]))
    },
    async add(principal, { text, at }) {
      demandAllQueues(principal, WHAT)
      const now = clock.now()
      const when = at === undefined ? now : Date.parse(at)
      if (when > now + 1_000 || when < now - NOTES_AGE_MS)
        throw ValidationFailed('1 field is not valid.', {
          errors: [
            { pointer: '#/at', code: 'custom', detail: 'must be within the last 90 days, and not in the future' },
          ],
        })
      const note: Annotation = { id: makeId('note', now), at: toIso(when), text, author: principal.name }
      await redis.multi().hset(texts, note.id, JSON.stringify(note)).zadd(order, when, note.id).exec()
      await tidy()
      return note
    },
    async remove(principal, id) {
      demandAllQueues(principal, WHAT)
      if ((await redis.zscore(order, id)) === null) throw AnnotationMissing(`There is no annotation ${id}.`)
      await drop([id])
    },
  }
}
