// The net below the ticks: looks for schedules whose time has passed and which nobody carried out, and for what waits.
import type { Kernel } from '../kernel/kernel.ts'
import { isRedisDown } from '../kernel/redis.ts'
import { loop } from '../kernel/service.ts'
import type { Service } from '../kernel/service.ts'
import { carry } from './carry.ts'
import type { Carrying } from './carry.ts'

const EVERY_MS = 500
const AT_ONCE = 50
/** Whoever looks at a schedule has so long before others do. */
const TURN_MS = 5_000

/** Every worker process may look; a schedule is one's turn, and carrying it out twice does no harm. */
export const createScheduleWaker = (room: Carrying): Service =>
  loop('schedules', async (signal) => {
    while (!signal.aborted) {
      const woken = await wakeDue(room).catch((error: unknown) => nothing(room.kernel, error))
      if (woken < AT_ONCE) await room.kernel.clock.sleep(EVERY_MS, signal)
    }
  })

/** Carries out those whose time has passed; answers how many there were. */
export const wakeDue = async (room: Carrying): Promise<number> => {
  const { state, kernel } = room
  const ids = await state.due(AT_ONCE)
  await state.putOff(ids, kernel.clock.now() + TURN_MS)
  const failed = (id: string) => (error: unknown) => kernel.log.warn('a schedule was not carried out', { id, error })
  await Promise.all(ids.map((id) => carry(room, id).catch(failed(id))))
  return ids.length
}

const nothing = ({ log }: Kernel, error: unknown): number => {
  if (!isRedisDown(error)) log.warn('schedules could not be looked at', { error })
  return 0
}
