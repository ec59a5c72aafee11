// The retry budget of one service as one process sees it: first attempts it has counted, and retries that ask for leave.
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import { answered, SILENT_MS } from './answer.ts'
import { createLine } from './line.ts'
import type { Grant } from './meter.ts'
import { scriptNow, steadyOf } from './time.ts'
import type { RetryBudget } from './words.ts'

const retryScript = script(new URL('./retry.lua', import.meta.url))

export interface RetryBucket {
  first(config: RetryBudget): void
  take(config: RetryBudget): Promise<Grant>
  /** A retry that had leave was not made: the next one of this process has it. */
  giveBack(): void
  /** Tells Redis of the first attempts it does not know of. */
  flush(): Promise<void>
  /** Whether all is told and nobody has asked since this was asked last. */
  isIdle(): boolean
}

type Asker = (grant: Grant) => void
type Answer = [now: number, granted: number, first: number, everyUs: number]

/** How far ahead a retry is told to come again. */
const LONGEST_MS = 60_000
const RETRIES_AT_ONCE = 1_000
/** Redis knows which reports it has for a minute; an older one could count twice, so it is given up. */
const REPORT_LIFE_MS = 30_000

export const createRetryBucket = (kernel: Kernel, service: string, sender: string): RetryBucket => {
  const { clock } = kernel
  const steady = steadyOf(kernel)
  const key = kernel.key('budgets', 'retries', service)
  let config: RetryBudget | undefined
  /** First attempts that are in no report yet. */
  let firsts = 0
  /** Sent and not acknowledged: it is sent again under its number until it is, so that it counts once. */
  let report: { number: number; firsts: number; madeAt: number } | undefined
  let number = 0
  let asked = 0
  /** Granted and given back. */
  let spare = 0

  const currentReport = () => {
    if (report !== undefined && steady() - report.madeAt < REPORT_LIFE_MS) return report
    report = { number: ++number, firsts, madeAt: steady() }
    firsts = 0
    return report
  }

  const ask = async ({ ratio, capacity, floor_per_s }: RetryBudget, wanted: number): Promise<Answer | undefined> => {
    const sent = currentReport()
    const args = [ratio, capacity, floor_per_s, sender, sent.number, sent.firsts, wanted, LONGEST_MS]
    const answer = await answered(kernel, () => retryScript(kernel.redis, [key], [scriptNow(kernel), ...args]))
    if (answer !== undefined) report = undefined
    return answer as Answer | undefined
  }

  const line = createLine<Asker>(async (askers) => {
    if (config === undefined) return
    const wanted = Math.min(RETRIES_AT_ONCE, askers.length)
    const answer = await ask(config, wanted)
    const [now, granted, first, everyUs] = answer ?? [0, 0, SILENT_MS, 0]
    const leaving = askers.splice(0, wanted)
    for (const resolve of leaving.splice(0, granted)) resolve({ granted: true, atMs: now })
    leaving.forEach((resolve, index) => {
      const aheadMs = Math.min(LONGEST_MS, first - now + (index * everyUs) / 1_000)
      resolve({ granted: false, untilMs: Math.ceil(clock.now() + aheadMs) })
    })
  })

  return {
    first(next) {
      config = next
      firsts++
      asked++
    },
    take(next) {
      config = next
      asked++
      if (spare > 0) {
        spare--
        return Promise.resolve({ granted: true, atMs: clock.now() })
      }
      return new Promise((resolve) => {
        if (!line.join(resolve)) resolve({ granted: false, untilMs: clock.now() + SILENT_MS })
      })
    },
    giveBack() {
      spare++
    },
    async flush() {
      if (firsts > 0 || report !== undefined) await line.run()
    },
    isIdle() {
      const isIdle = asked === 0 && firsts === 0 && report === undefined && line.isEmpty
      asked = 0
      return isIdle
    },
  }
}
