// Watches over one worker process: does it still fetch, and does its clock agree with Redis.
import type { Bull } from '../shared/bullmq/bullmq.ts'
import { existing } from '../shared/kernel/existing.ts'
import type { Kernel } from '../shared/kernel/kernel.ts'
import { loop } from '../shared/kernel/service.ts'
import type { Service } from '../shared/kernel/service.ts'
import { SKEW_MAX_MS, skewOf } from '../shared/kernel/skew.ts'
import type { Fleet } from './fleet.ts'
import { createSteps } from './steps.ts'
import type { Steps } from './steps.ts'

export interface WatchOptions {
  bull: Bull
  fleet: Fleet
  /** ms between looks; 10,000. */
  everyMs?: number
  /** ms without a fetch, though jobs wait and slots are free, after which a process counts as hung; 60,000. */
  noFetchMs?: number
  /** ms the clock may differ from that of Redis; beyond, the process takes no jobs. 500. */
  skewMaxMs?: number
  /** Wakes the watch when the clock was set; its own unless given. */
  steps?: Steps
  /** Called once for a queue that is not fetched from; the process cannot mend that and should end. */
  onHang: (queue: string) => void
}

const AGAIN_MS = 1_000

const ahead = ({ redis, clock }: Kernel): Promise<number> => skewOf(redis, () => clock.now())

/** Resolves when the clock agrees with Redis, or the signal fires; says so while it does not. */
export const untilInTime = async (kernel: Kernel, skewMaxMs: number, signal: AbortSignal): Promise<void> => {
  for (;;) {
    const skew = await ahead(kernel)
    if (Math.abs(skew) <= skewMaxMs || signal.aborted) return
    kernel.log.error('the clock of this machine differs from that of Redis: no jobs are taken', {
      skew_ms: Math.round(skew),
    })
    await kernel.clock.sleep(AGAIN_MS, signal)
  }
}

export const createWatch = (kernel: Kernel, options: WatchOptions): Service => {
  const { fleet, everyMs = 10_000, noFetchMs = 60_000, skewMaxMs = SKEW_MAX_MS } = options
  const { steps = createSteps(skewMaxMs) } = options
  const hangs = createHangs(kernel, options, noFetchMs)
  /** Also after a look that did not come to its end. */
  let isHeld = false
  const hold = async (held: boolean): Promise<void> => {
    isHeld = held
    await fleet.hold(held)
  }
  const look = async (signal: AbortSignal): Promise<string | undefined> => {
    const begun = kernel.clock.now()
    if (isHeld || steps.hasStepped() || Math.abs(await ahead(kernel)) > skewMaxMs) {
      await hold(true)
      await untilInTime(kernel, skewMaxMs, signal)
      await hold(false)
    }
    steps.settle()
    const hung = await hangs.look()
    if (kernel.clock.now() - begun < everyMs) return hung
    hangs.forget()
    return undefined
  }
  /** Until the next look, or a step of the clock; where a look at one failed, for a moment. */
  const rest = (signal: AbortSignal): Promise<void> =>
    steps.alarm.aborted
      ? kernel.clock.sleep(AGAIN_MS, signal)
      : kernel.clock.sleep(everyMs, AbortSignal.any([signal, steps.alarm]))
  return loop('watch', async (signal) => {
    while (!signal.aborted) {
      await rest(signal)
      if (signal.aborted) return
      const hung = await look(signal).catch((error: unknown) => {
        hangs.forget()
        kernel.log.warn('Redis did not say how things are', { error })
      })
      if (hung !== undefined) options.onHang(hung)
    }
  })
}

/** Finds a queue that has had jobs waiting and slots free since `noFetchMs`, and was not fetched from. */
const createHangs = (kernel: Kernel, { bull, fleet }: WatchOptions, noFetchMs: number) => {
  const since = new Map<string, number>()
  const starving = async (all: readonly string[]): Promise<string[]> => {
    const queues = await withJobs(kernel, bull, all)
    const counts = await bull.counts(queues)
    const limits = await globalLimits(kernel, bull, queues)
    return queues.filter((queue) => {
      const count = counts.get(queue)
      if (count === undefined || count.paused || fleet.isHeld(queue) || count.active >= (limits.get(queue) ?? Infinity))
        return false
      return count.waiting + count.prioritized > 0 && fleet.running(queue) < (fleet.slots[queue] ?? 0)
    })
  }
  return {
    async look(): Promise<string | undefined> {
      const now = kernel.clock.now()
      const hungry = new Set(await starving(Object.keys(fleet.slots)))
      for (const queue of since.keys()) if (!hungry.has(queue)) since.delete(queue)
      for (const queue of hungry) {
        const from = Math.max(since.get(queue) ?? now, fleet.fetchedAt(queue) ?? 0)
        since.set(queue, from)
        if (now - from >= noFetchMs) return queue
      }
      return undefined
    },
    /** Begins anew: while Redis does not answer nobody can fetch, and that is no fault of this process. */
    forget: () => since.clear(),
  }
}

/** Queues where something waits: nearly always nothing does, anywhere. */
const withJobs = async (kernel: Kernel, bull: Bull, queues: readonly string[]): Promise<string[]> => {
  const linesOf = (queue: string): string[] => [bull.keys(queue).wait, bull.keys(queue).prioritized]
  const there = await existing(kernel.redis, queues.flatMap(linesOf))
  return queues.filter((queue) => linesOf(queue).some((line) => there.has(line)))
}

/** How many jobs of a queue may run in all processes together, where somebody set that. */
const globalLimits = async (kernel: Kernel, bull: Bull, queues: readonly string[]): Promise<Map<string, number>> => {
  const pipeline = kernel.redis.pipeline()
  for (const queue of queues) pipeline.hmget(bull.keys(queue).meta, 'concurrency', 'max')
  const replies = (await pipeline.exec()) ?? []
  return new Map(
    queues.map((queue, index) => {
      const [concurrency, rate] = (replies[index]?.[1] ?? []) as (string | null)[]
      // A rate limit makes jobs wait by intent, and when it lets the next one through is not told: it is left alone.
      return [queue, rate ? 0 : concurrency ? Number(concurrency) : Infinity]
    }),
  )
}
