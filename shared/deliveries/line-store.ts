// Where deliveries lie that cannot be sent at once: the line of each endpoint, and when somebody looks at it.
import type { Kernel } from '../kernel/kernel.ts'
import { createBatch } from '../kernel/batch.ts'
import { script } from '../kernel/script.ts'
import { BEHIND, CALL_MAX, deliveryKeys } from './keys.ts'

const joinScript = script(new URL('./join.lua', import.meta.url))
const dueScript = script(new URL('./due.lua', import.meta.url))
const pullScript = script(new URL('./pull.lua', import.meta.url))
const awakeScript = script(new URL('./awake.lua', import.meta.url))
const restScript = script(new URL('./rest.lua', import.meta.url))
const turnScript = script(new URL('./turn.lua', import.meta.url))

/** Lines looked at in one call, and when those are looked at again for which there was no room. */
const LOOK_MAX = 200
const PUT_OFF_MS = 2_000

export interface InLine {
  readonly key: string
  readonly webhookId: string
}

/** `orOnceItAnswers`: its endpoint did not answer well when it was asked for a place, and may since. */
export interface Joining extends InLine {
  readonly lookAt: number
  readonly orOnceItAnswers?: boolean
}

export const createLineStore = (kernel: Kernel) => {
  const { redis, clock } = kernel
  const { prefix, looks, key } = deliveryKeys(kernel)

  const join = createBatch(CALL_MAX, async (slice: readonly Joining[]) => {
    const rows = slice.flatMap(({ key: id, webhookId, lookAt, orOnceItAnswers }) => [id, webhookId, Math.ceil(lookAt), orOnceItAnswers ? 1 : 0]) // prettier-ignore
    await joinScript(redis, [prefix, looks], [clock.now(), ...rows])
    return slice.map(() => undefined)
  })
  return {
    /** Puts a delivery into its endpoint's line, at which somebody looks at `lookAt`, or earlier where that is known. */
    join: (each: Joining) => join(each),
    /** Those of the deliveries that are of this endpoint and have not ended. */
    async openAmong(webhookId: string, ids: readonly string[]): Promise<string[]> {
      if (ids.length === 0) return []
      const places = await redis.zmscore(key('open', webhookId), ...ids)
      return ids.filter((_id, n) => places[n] !== null)
    },
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
    /** An endpoint rests: nobody looks at its line before then. A longer rest stays. */
    async rest(webhookId: string, until: number): Promise<void> {
      await restScript(redis, [looks, key('state', webhookId)], [webhookId, until, clock.now()])
    },
    /** Of each endpoint, whether its line is looked at later only. */
    async areResting(webhookIds: readonly string[]): Promise<boolean[]> {
      const now = clock.now()
      return (await redis.zmscore(looks, ...webhookIds)).map((look) => Number(look ?? 0) > now)
    },
    /** An endpoint goes on: its line is looked at now. */
    async wake(webhookId: string): Promise<void> {
      await redis.multi().zadd(looks, clock.now(), webhookId).hdel(key('state', webhookId), 'rest').exec()
    },
    async isTurn(id: string, webhookId: string): Promise<boolean> {
      return (await turnScript(redis, [prefix], [id, webhookId])) === 1
    },
  }
}

export const pairs = (flat: readonly string[]): InLine[] =>
  Array.from({ length: flat.length / 2 }, (_, n) => ({ key: flat[2 * n] ?? '', webhookId: flat[2 * n + 1] ?? '' }))
