// The recorder's own keys: who records, how far it has read, and the one script that moves both forward.
import type { Kernel } from '../kernel/kernel.ts'
import { createHold } from '../kernel/lease.ts'
import { script } from '../kernel/script.ts'
import { cursorsKey, leaseKey } from '../metrics/progress.ts'
import { isAfter } from '../bullmq/event-streams.ts'
import { keepMoment } from '../rewind/store.ts'
import { eventLogKey } from '../stream/log.ts'
import { PROMPT_MS } from '../timeline/spans.ts'
import type { Ops } from './ops.ts'
import { pack } from './pack.ts'

const apply = script(new URL('./apply.lua', import.meta.url))

/** Thrown when another recorder has taken over; nothing of the page was written. */
export class LeaseLost extends Error {}

/** Thrown when Redis has gone back to an earlier state, as after a loss of power: reading starts over from the cursors it
 *  has. Nothing of the page was written. */
export class WentBack extends Error {}

/** A step along a stream; `from` is absent before the first. */
export interface Step {
  stream: string
  from: string | undefined
  to: string
}

export interface RecorderStore {
  /** Takes the lease, or keeps it when it is ours. False while another recorder holds it. */
  acquire(): Promise<boolean>
  release(): Promise<void>
  /** How far each stream has been read: stream key → id. Steps from here on are for the Redis that answers this: when it
   *  ends, they no longer happen. */
  cursors(): Promise<Map<string, string>>
  /** Carries out a page and moves the cursor of its stream, in one step and once however often the command is sent, if
   *  the lease is still ours and the cursor is where we left it. Steps of one stream must not overlap. */
  apply(ops: Ops, step: Step): Promise<void>
  /** Keeps how everything stood, if the lease is still ours and the minute has no moment yet. */
  keepMoment(at: number, moment: Buffer): Promise<boolean>
  /** Throws `WentBack` when Redis knows less than what was applied up to these cursors. */
  verify(applied: ReadonlyMap<string, string>): Promise<void>
}

export const createRecorderStore = (kernel: Kernel, leaseMs: number): RecorderStore => {
  const lease = leaseKey(kernel)
  const hold = createHold(kernel.redis, lease, leaseMs)
  const cursors = cursorsKey(kernel)
  const applied = kernel.key('recorder', 'applied')
  let runId: string | undefined
  let applications = 0
  const keys = [lease, eventLogKey(kernel), cursors, applied]
  return {
    acquire: () => hold.acquire(),
    release: () => hold.release(),
    async cursors() {
      runId = await runIdOf(kernel)
      return new Map(Object.entries(await kernel.redis.hgetall(cursors)))
    },
    async apply(ops, { stream, from = '', to }) {
      const answer = await apply(kernel.redis, keys, [
        hold.token,
        leaseMs,
        pack(ops.finish()),
        stream,
        from,
        to,
        `${hold.token}.${++applications}`,
        (runId ??= await runIdOf(kernel)),
        PROMPT_MS,
      ])
      if (answer === 0) throw new LeaseLost('another recorder has taken over')
      if (answer === 2) throw new WentBack('Redis has lost its newest writes; reading starts over from what it has')
      // Where it was done before, the lost answer told which keys have their end: they are all given it again.
      if (answer !== 1) ops.applied((answer as unknown[]).map(String))
    },
    keepMoment: (at, moment) => keepMoment(kernel, { key: lease, token: hold.token }, at, moment),
    async verify(map) {
      const ours = [...map]
      const theirs = await kernel.redis.hgetall(cursors)
      if (ours.some(([stream, cursor]) => isAfter(cursor, theirs[stream] ?? '0-0')))
        throw new WentBack('Redis has lost its newest writes; reading starts over from what it has')
    },
  }
}

/** Names one run of a Redis server: another after a restart, another on a replica that took over. */
const runIdOf = async ({ redis }: Kernel): Promise<string> =>
  /^run_id:(\w+)/m.exec(await redis.info('server'))?.[1] ?? ''
