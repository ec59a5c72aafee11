// Bulkheads: how many calls of a service run at once in the whole fleet, so that one that is slow cannot take everything.
import { randomBytes } from 'node:crypto'
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import { loop } from '../kernel/service.ts'
import type { Service } from '../kernel/service.ts'
import { createBulkhead } from './bulkhead.ts'
import type { Bulkhead, Place, Sync } from './bulkhead.ts'
import { createShelf } from './shelf.ts'
import { scriptNow } from './time.ts'
import type { Concurrency } from './words.ts'

export type { Place } from './bulkhead.ts'

const placesScript = script(new URL('./places.lua', import.meta.url))

export interface Bulkheads {
  /** A place among the calls that run now: at most `max` in all processes together. Give it back with `leave`.
   *
   *  A process holds its places by a lease that it renews while it lives; when it dies they are free after `lease_ms`. A
   *  place that was left lies ready for the process's next call for some 250 ms, without asking Redis, unless others wait; who
   *  has waited for half a second goes first. A process that is cut off from Redis for longer than its lease keeps calling
   *  in places that others may have meanwhile, as nobody can end its calls.
   *
   *  Never throws because of Redis: without it a process enters the places it holds, then is refused. */
  enter(service: string, concurrency: Concurrency): Place | Promise<Place>
  /** Places that are held in the fleet, those that lie ready among them. Throws where Redis does not answer. */
  inUse(service: string): Promise<number>
}

const TEND_MS = 250

/** Leases are renewed once it is started; stopping gives back what no call has. */
export const createBulkheads = (kernel: Kernel): Bulkheads & Service => {
  const holder = randomBytes(6).toString('base64url')
  const ask = async (service: string, args: readonly (string | number)[]): Promise<Answer> =>
    (await placesScript(
      kernel.redis,
      [kernel.key('budgets', 'places', service)],
      [scriptNow(kernel), ...args],
    )) as Answer
  const syncOf =
    (service: string): Sync =>
    async ({ max, lease_ms }, kept, wanted, patienceMs) => {
      const [, granted, waits] = await ask(service, [max, lease_ms, holder, kept, wanted, patienceMs])
      return { granted, othersWait: waits === 1 }
    }
  const bulkheads = createShelf<Bulkhead>((service) => createBulkhead(kernel, syncOf(service)))
  const tending = loop('bulkheads', async (signal) => {
    while (!signal.aborted) {
      await kernel.clock.sleep(TEND_MS, signal)
      await bulkheads.each((bulkhead) => bulkhead.tend())
      bulkheads.forgetIdle()
    }
  })
  return {
    ...tending,
    enter: (service, concurrency) => bulkheads.of(service).enter(concurrency),
    async inUse(service) {
      const [, , , held] = await ask(service, [0, 0, '', 0, 0, 0])
      return held
    },
    async stop() {
      await tending.stop()
      await bulkheads.each((bulkhead) => bulkhead.close())
    },
  }
}

type Answer = [now: number, granted: number, othersWait: number, held: number]
