// Quarantine: a job whose process went away runs alone next time; if that process dies by itself too, the job is poison.
//
// 1. A process dies: everything it ran stalls, the culprit and its neighbours alike. All of them are suspects now.
// 2. A suspect runs while its process runs nothing else. Its hash says who runs it (`k1nSolo`), from just before it starts
//    until it has ended in whatever way, so neighbours that only wait are never accused.
// 3. A suspect that comes back with `k1nSolo` ran alone when its process ended. The registry knows how: if by itself, the job
//    becomes a dead letter; if somebody killed it from outside, or nobody saw it, the job runs alone once more. A process
//    that blocks, as one does whose heap is nearly full, loses its jobs while it still lives: as long as it neither ends nor
//    takes its mark off, the job waits.
// 4. While a suspect waits to be alone nobody else begins, and nobody does while it is. Both end: it waits for others for ten
//    seconds and then runs beside them, unmarked; and when it has run alone for half a minute its mark is taken off and others
//    begin. Each time its process goes away both are twice as long, so that whoever ends processes is found, however long its
//    neighbours run and however late it does it.
import type { Kernel } from '../shared/kernel/kernel.ts'
import { script } from '../shared/kernel/script.ts'
import type { Bull } from '../shared/bullmq/bullmq.ts'
import type { Admission, Attempt, Gate, Outcome } from '../shared/attempts/attempts.ts'
import { PoisonPill } from '../shared/attempts/ending.ts'
import type { Exit, Registry } from '../shared/workers/registry.ts'
import { createSolitude } from './solitude.ts'
import type { Place, Release } from './solitude.ts'

const accuse = script(new URL('../shared/attempts/mark.lua', import.meta.url))
const acquit = script(new URL('./acquit.lua', import.meta.url))

export interface QuarantineOptions {
  bull: Bull
  registry: Registry
  workerId: string
}

/** How long a suspect waits for those that have not ended, and how long it then has its process to itself, the first time. */
const PATIENCE_MS = 10_000
const TRIAL_MS = 30_000
/** Both are twice as long each time, up to so many times. */
const TIMES_MAX = 64
const timesOf = (stalls: number): number => Math.min(TIMES_MAX, 2 ** (stalls - 1))

/** The gate every attempt of one process passes. It costs a job that is no suspect nothing. */
export const createQuarantine = (kernel: Kernel, { bull, registry, workerId }: QuarantineOptions): Gate => {
  const solitude = createSolitude(kernel.clock)

  const suspect = async ({ queue, id, stalls, interrupt }: Attempt['job']): Promise<Admission> => {
    const hash = bull.keys(queue).job(id)
    const exit = await lastTrial(kernel, registry, hash, interrupt.signal)
    if (exit?.by_itself) {
      await kernel.redis.hdel(hash, 'k1nSolo')
      return { admitted: false, outcome: poison(exit.exit) }
    }
    const place = await solitude.alone(interrupt.signal, PATIENCE_MS * timesOf(stalls))
    return place.isAlone ? onTrial(hash, place, TRIAL_MS * timesOf(stalls)) : entered(place.release)
  }
  /** Marks a job while it has its process to itself. */
  const onTrial = async (hash: string, place: Place, ms: number): Promise<Admission> => {
    const over = new AbortController()
    // A job whose lock was lost may run elsewhere by now, under another name that stays.
    const unmark = (): Promise<unknown> => acquit(kernel.redis, [hash], [workerId]).catch(() => undefined)
    const leave = async (): Promise<undefined> => {
      over.abort()
      await unmark()
      place.release()
    }
    try {
      await accuse(kernel.redis, [hash], ['k1nSolo', workerId])
    } catch (error) {
      // It may have been marked all the same; and nobody else would ever run here again.
      await leave()
      throw error
    }
    void kernel.clock.sleep(ms, over.signal).then(async () => {
      if (over.signal.aborted) return
      await unmark()
      place.open()
    })
    return entered(leave)
  }

  return ({ job }) => {
    if (job.stalls > 0) return suspect(job)
    const release = solitude.enter()
    return release ? entered(release) : solitude.share(job.interrupt.signal).then(entered)
  }
}

const entered = (leave: Release | (() => Promise<undefined>)): Admission => ({ admitted: true, leave })

const poison = (exit: string): Outcome => ({
  is: 'poison',
  error: new PoisonPill(`two processes ended while they ran this job, the second while it ran there alone (${exit})`),
})

/** How long the end of a process is waited for that still has its mark on a job: from when it was last heard of, or from when the
 *  job came, whichever was first. One that blocks is killed for its silence 20 s after its last word, which may be 5 s younger
 *  than its last beat. Of one whose host is gone nobody tells: its job has waited for its lock, and waits hardly longer for this. */
const END_MS = 35_000
const LOOK_MS = 500

/** How the process ended that ran a job alone and did not let go of it. Undefined when there is none, when it lets go of the job
 *  after all, and when nobody tells its end. */
const lastTrial = async (
  { redis, clock }: Kernel,
  registry: Registry,
  hash: string,
  signal: AbortSignal,
): Promise<Exit | undefined> => {
  const accused = await redis.hget(hash, 'k1nSolo')
  if (accused === null) return undefined
  const came = clock.now()
  for (;;) {
    const { seenAt = 0, exit } = await registry.about(accused)
    // Asked after its end: it may have let go of the job just before. And a job that was lost meanwhile is another's to judge.
    if ((await redis.hget(hash, 'k1nSolo')) !== accused || signal.aborted) return undefined
    if (exit !== undefined || clock.now() - Math.min(came, seenAt) >= END_MS) return exit
    await clock.sleep(LOOK_MS, signal)
  }
}
