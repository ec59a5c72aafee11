// Keeps the records to what code declares, while processes with different code run side by side: one set of declarations holds at
// a time, and only processes that carry it write.
import { scriptTime } from '../kernel/clock.ts'
import { hashId } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { isRedisDown } from '../kernel/redis.ts'
import { script } from '../kernel/script.ts'
import { loop } from '../kernel/service.ts'
import type { Service } from '../kernel/service.ts'
import { applyDeclared } from './apply-declared.ts'
import type { Carrying } from './carry.ts'
import type { DeclaredSchedules } from './declare.ts'
import { createScheduleStore } from './store.ts'

const holdScript = script(new URL('./hold-declared.lua', import.meta.url))

const EVERY_MS = 10_000
/** A set is believed to have a living process for so long after it was last told of; so long after the last process of a newer
 *  deploy ended an older one holds again. */
export const LIFE_MS = 60_000
const SETS_MAX = 1_000

/** What runs in every worker process whose code declares schedules, also where it declares none. */
export const createDeclaring = (room: Carrying, declared: DeclaredSchedules): Service =>
  loop('declared schedules', async (signal) => {
    while (!signal.aborted) {
      await declare(room, declared).catch((error: unknown) => {
        if (!isRedisDown(error)) room.kernel.log.warn('declared schedules could not be applied', { error })
      })
      await room.kernel.clock.sleep(EVERY_MS, signal)
    }
  })

/** Applies what this process declares if it holds; answers the ids of schedules that changed, undefined if it does not. */
export const declare = async (
  { kernel, catalog, catalogue }: Pick<Carrying, 'kernel' | 'catalog' | 'catalogue'>,
  declared: DeclaredSchedules,
): Promise<string[] | undefined> => {
  const set = fingerprintOf(declared)
  if ((await holderAmong(kernel, set)) !== set) return undefined
  const applying = { store: createScheduleStore(kernel), catalog, clock: kernel.clock }
  const changed = await applyDeclared(applying, declared, await catalogue.look())
  if (changed.length > 0) kernel.log.info('schedules are as the code declares them', { changed })
  return changed
}

const holderAmong = async (kernel: Kernel, set: string): Promise<string> => {
  const names = ['seen', 'alive', 'begun'].map((part) => kernel.key('schedules', 'declared', part))
  return String(await holdScript(kernel.redis, names, [set, scriptTime(kernel.clock), LIFE_MS, SETS_MAX]))
}

/** The same for the same declarations, in whatever order. */
const fingerprintOf = (declared: DeclaredSchedules): string =>
  hashId(24, JSON.stringify([...declared.values()].sort((one, other) => (one.id < other.id ? -1 : 1))))
