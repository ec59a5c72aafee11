// Facts of k1n set schedules off too: a durable consumer reads the log and lets react who waits. Events from outside come this way
// once more, so that one whose process was killed before anybody reacted is not lost.
import { matchesName } from '../kernel/name-words.ts'
import { isRedisDown } from '../kernel/redis.ts'
import { loop } from '../kernel/service.ts'
import type { Service } from '../kernel/service.ts'
import { createConsumer } from '../stream/consumer.ts'
import type { Consumer } from '../stream/consumer.ts'
import type { LogEntry } from '../stream/log.ts'
import { originsOf } from '../stream/origins.ts'
import { consumerPositions } from '../stream/positions.ts'
import type { Carrying } from './carry.ts'
import { react } from './react.ts'
import { RunMisfired, RunSkipped } from './run-events.ts'

const NAME = 'schedules'
/** How often it is looked whether any schedule waits for events at all. */
const LOOK_MS = 2_000

/** Reads nothing before the first schedule waits for an event. */
export const createFollower = (room: Carrying): Service => {
  const consumer = createFactConsumer(room)
  const waiting = loop('schedules on facts', async (signal) => {
    while (!signal.aborted) {
      if (await isNeeded(room).catch((error: unknown) => notSeen(room, error))) return consumer.start()
      await room.kernel.clock.sleep(LOOK_MS, signal)
    }
  })
  return {
    ...waiting,
    async stop() {
      await waiting.stop()
      await consumer.stop()
    },
  }
}

export const createFactConsumer = (room: Carrying): Consumer =>
  createConsumer(room.kernel, { name: NAME, handle: (page) => handle(room, page) })

/** Once it has a place in the log it goes on: the log is kept for it. */
const isNeeded = async (room: Carrying): Promise<boolean> =>
  (await patternsOf(room)).length > 0 || (await consumerPositions(room.kernel)).has(NAME)

const notSeen = ({ kernel }: Carrying, error: unknown): boolean => {
  if (!isRedisDown(error)) kernel.log.warn('it could not be seen whether schedules wait for events', { error })
  return false
}

const patternsOf = async ({ catalogue }: Carrying): Promise<string[]> =>
  [...(await catalogue.look()).values()].flatMap(({ definition: { trigger } }) =>
    trigger.type === 'event' ? [trigger.event] : [],
  )

/** One after another: a schedule that gathers events is given the last. */
const handle = async (room: Carrying, page: readonly LogEntry[]): Promise<void> => {
  const patterns = await patternsOf(room)
  const facts = page
    .filter(({ name }) => patterns.some((pattern) => matchesName(pattern, name)))
    .map((entry) => ({ ...entry, data: JSON.parse(entry.data) as Record<string, unknown> }))
    .filter(({ name, data, sent }) => sent !== undefined || !setsNothingOff(name, data))
  const originOf = await originsOf(room.bull, facts)
  for (const fact of facts) {
    const { id, name, at, data, sent } = fact
    // A time that a sender gives may be long past.
    const cameAt = Math.max(at, Number(id.split('-', 1)[0]))
    await react(room, { id: sent?.id ?? id, name, at, cameAt, data, isOwn: sent === undefined, ...originOf(fact) })
  }
}

/** Facts about k1n's own jobs, and about what was passed over, as events are too: what a schedule passes over would set it off again
 *  and again. */
const setsNothingOff = (name: string, { queue }: Record<string, unknown>): boolean =>
  name === RunSkipped.name || name === RunMisfired.name || (typeof queue === 'string' && queue.startsWith('k1n-'))
