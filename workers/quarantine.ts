// Quarantine: a job whose process went away runs alone next time; if that process dies by itself too, the job is poison.
//
// 1. A process dies: everything it ran stalls, the culprit and its neighbours alike. All of them are suspects now.
// 2. A suspect runs while its process runs nothing else. Its hash says who runs it (`k1nSolo`), from just before it starts
//    until it has ended in whatever way, so neighbours that only wait are never accused.
// 3. A suspect that comes back with `k1nSolo` ran alone when its process ended. The registry knows how: if by itself, the job
//    becomes a dead letter; if somebody killed it from outside, or nobody saw it, the job runs alone once more. A process
//    that blocks loses its jobs before it is killed for its silence: that end is waited for.
// 4. While a suspect waits to be alone nobody else begins. So it waits for ten seconds: then it runs beside those that have not
//    ended, unmarked, and is not accused of what happens. Work of k1n that may go on for hours is neither waited for nor suspected.
import type { Kernel } from '../shared/kernel/kernel.ts'
import { script } from '../shared/kernel/script.ts'
import type { Bull } from '../shared/bullmq/bullmq.ts'
import { passes } from '../shared/attempts/attempts.ts'
import type { Admission, Gate, Outcome } from '../shared/attempts/attempts.ts'
import { PoisonPill } from '../shared/attempts/ending.ts'
import type { Exit, Registry } from '../shared/workers/registry.ts'
import { createSolitude } from './solitude.ts'
import type { Release, Solitary } from './solitude.ts'

const accuse = script(new URL('../shared/attempts/mark.lua', import.meta.url))
const acquit = script(new URL('./acquit.lua', import.meta.url))

export interface QuarantineOptions {
  bull: Bull
  registry: Registry
  workerId: string
}

/** How long a suspect keeps others waiting for those that have not ended. */
const PATIENCE_MS = 10_000

/** The gate every attempt of one process passes. It costs a job that is no suspect nothing. */
export const createQuarantine = (kernel: Kernel, { bull, registry, workerId }: QuarantineOptions): Gate => {
  const solitude = createSolitude()

  const suspect = async (hash: string, signal: AbortSignal): Promise<Admission> => {
    const accused = await kernel.redis.hget(hash, 'k1nSolo')
    const exit = accused ? await endOf(kernel, registry, accused, signal) : undefined
    if (exit?.by_itself) {
      await kernel.redis.hdel(hash, 'k1nSolo')
      return { admitted: false, outcome: poison(exit.exit) }
    }
    const { release, isAlone } = await solitaryIn(PATIENCE_MS, signal)
    // A job whose lock was lost may run elsewhere by now, under another name that stays.
    const leave = () => (isAlone ? acquit(kernel.redis, [hash], [workerId]).then(release, release) : release())
    try {
      if (isAlone) await accuse(kernel.redis, [hash], ['k1nSolo', workerId])
    } catch (error) {
      // Nobody else would ever run here again.
      release()
      throw error
    }
    return { admitted: true, leave }
  }
  const solitaryIn = async (ms: number, signal: AbortSignal): Promise<Solitary> => {
    const entered = new AbortController()
    try {
      return await solitude.alone(signal, () => kernel.clock.sleep(ms, entered.signal))
    } finally {
      entered.abort()
    }
  }

  return ({ job, work }) => {
    if (work?.kind.isOurs && work.kind.resumes) return passes
    if (job.stalls > 0) return suspect(bull.keys(job.queue).job(job.id), job.interrupt.signal)
    const release = solitude.enter()
    return release ? entered(release) : solitude.share(job.interrupt.signal).then(entered)
  }
}

const entered = (leave: Release): Admission => ({ admitted: true, leave })

const poison = (exit: string): Outcome => ({
  is: 'poison',
  error: new PoisonPill(`two processes ended while they ran this job, the second while it ran there alone (${exit})`),
})

/** A process that has not been heard of for this long may be blocked; one that lives beats every 5 s. */
const SILENT_MS = 7_000
/** How long the end of such a one is waited for; it is killed 20 s after it fell silent, and its lock lasts 15 s of them. */
const END_MS = 10_000
const LOOK_MS = 500

/** How a process ended. Undefined when it lives, and when it fell silent and nobody tells its end for a while. */
const endOf = async (
  kernel: Kernel,
  registry: Registry,
  id: string,
  signal: AbortSignal,
): Promise<Exit | undefined> => {
  for (let waited = 0; ; waited += LOOK_MS) {
    const exit = await registry.howEnded(id)
    if (exit !== undefined || waited >= END_MS || signal.aborted) return exit
    const heard = (await registry.list()).find((worker) => worker.id === id)?.last_seen_at ?? 0
    if (kernel.clock.now() - heard < SILENT_MS) return undefined
    await kernel.clock.sleep(LOOK_MS, signal)
  }
}
