// Test support: a process that asks for calls as fast as it can and writes down each that it gets.
//
//   node hammer.ts budget|places REDIS_URL TAG CONFIG FILE MS
import { appendFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { readSettings } from '../../kernel/config.ts'
import { createKernel } from '../../kernel/kernel.ts'
import { createBudgets } from '../budgets.ts'
import { createBulkheads } from '../bulkheads.ts'
import { Budget, Concurrency } from '../words.ts'

const [what = '', url = '', tag = '', config = '{}', file = '', ms = '0'] = process.argv.slice(2)
const kernel = createKernel({ settings: readSettings({ REDIS_URL: url }), role: 'worker', tag })
const until = performance.now() + Number(ms)

/** The machine's steady clock, which all its processes share, in ms. */
const machineNow = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000
const write = (...fields: (string | number)[]): void => appendFileSync(file, `${fields.join(' ')}\n`)

/** The call is a note that Redis dates itself. */
const call = `local t = redis.call('TIME')
redis.call('RPUSH', KEYS[1], t[1] * 1000 + t[2] / 1000)`

const hammerBudget = async (): Promise<void> => {
  const budget = Budget.parse(JSON.parse(config))
  const budgets = createBudgets(kernel)
  await budgets.start()
  while (performance.now() < until) {
    const grant = await budgets.take('spotify', budget)
    if (!grant.granted) {
      await wait(5)
      continue
    }
    write(grant.atMs)
    await kernel.redis.eval(call, 1, kernel.key('observed-calls'))
  }
  await budgets.stop()
}

const hammerPlaces = async (): Promise<void> => {
  const concurrency = Concurrency.parse(JSON.parse(config))
  const bulkheads = createBulkheads(kernel)
  await bulkheads.start()
  const one = async (): Promise<void> => {
    while (performance.now() < until) {
      const place = await bulkheads.enter('spotify', concurrency)
      if (!place.entered) {
        await wait(Math.max(1, place.untilMs - kernel.clock.now()))
        continue
      }
      write('enter', machineNow())
      await wait(20 + 80 * Math.random())
      write('leave', machineNow())
      place.leave()
    }
  }
  await Promise.all(Array.from({ length: 4 }, one))
  await bulkheads.stop()
}

await (what === 'budget' ? hammerBudget() : hammerPlaces())
await kernel.close()
