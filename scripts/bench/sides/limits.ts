// Asks for leave to call a service, over and over: of a bucket that one script in Redis holds, or of k1n's budgets.
import { script } from '../../../shared/kernel/script.ts'
import { createBudgets } from '../../../shared/budgets/budgets.ts'
import { Budget } from '../../../shared/budgets/words.ts'
import { readSettings } from '../../../shared/kernel/config.ts'
import { createKernel } from '../../../shared/kernel/kernel.ts'
import { serveSide } from '../side.ts'

const kernel = createKernel({ settings: readSettings(process.env), role: 'worker' })
const budgets = createBudgets(kernel)
await budgets.start()
const bucket = script(new URL('bucket.lua', import.meta.url))

/** So many units in a minute, or in a second: never spent, as what refuses costs less than what grants. */
const windows = { minute: 60_000, second: 1_000 } as const
type Window = keyof typeof windows
const LIMIT = 100_000_000
const budgetOf = {
  minute: Budget.parse({ limit: LIMIT, per_ms: windows.minute }),
  second: Budget.parse({ limit: LIMIT, per_ms: windows.second }),
}

const sides = {
  floor: (window: Window) => bucket(kernel.redis, [`bucket:${window}`], [LIMIT, LIMIT / windows[window]]),
  k1n: (window: Window) => budgets.take(window, budgetOf[window]),
}

/** What a call would be: the process gets to do other things. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

serveSide({
  /** `callers` ask one after another for so long, each as soon as its last call was made; answers how many calls. */
  async run(side: keyof typeof sides, window: Window, callers: number, ms: number) {
    const until = performance.now() + ms
    let calls = 0
    const one = async (): Promise<void> => {
      while (performance.now() < until) {
        await sides[side](window)
        calls++
        await turn()
      }
    }
    await Promise.all(Array.from({ length: callers }, one))
    return calls
  },
  /** Asks at an even pace. */
  async pace(side: keyof typeof sides, window: Window, perSecond: number, ms: number) {
    const begun = performance.now()
    const running: unknown[] = []
    for (let calls = 0; performance.now() - begun < ms;) {
      const due = ((performance.now() - begun) * perSecond) / 1_000
      for (; calls < due; calls++) running.push(sides[side](window))
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await Promise.all(running)
    return running.length
  },
})
