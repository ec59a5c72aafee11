// An API with a stopped clock, keys of every tier, and several processes on one Redis.
import { createKernel } from '../../../shared/kernel/kernel.ts'
import type { Kernel } from '../../../shared/kernel/kernel.ts'
import { stoppedClock } from '../../../shared/kernel/clock.ts'
import type { StoppedClock } from '../../../shared/kernel/clock.ts'
import { openDoor, test as base } from '../fixtures.ts'
import type { Door, Reply } from '../fixtures.ts'

export interface LimitFixtures {
  settings: Record<string, string>
  kernel: Kernel
  clock: StoppedClock
  /** Four processes that serve the same keys. */
  doors: Door[]
  /** A standard key, as headers. */
  standard: Record<string, string>
}

/** A key over the API, as headers. */
export const keyHeaders = async (door: Door, input: object = {}): Promise<Record<string, string>> => {
  const body = { name: 'limited', role: 'developer', ...input }
  const made = await door.send('POST', '/api/v2/api-keys', { body })
  return { authorization: `Bearer ${(made.json as { key: string }).key}` }
}

/** Sends the same so many times, a hundred at once, by turns to each door; the requests go round any check of replies. */
export const flood = async (
  doors: readonly Door[],
  times: number,
  headers: Record<string, string>,
  path = '/api/v2/me',
): Promise<Response[]> => {
  const replies: Response[] = []
  for (let sent = 0; sent < times; sent += 100) {
    const some = Array.from({ length: Math.min(100, times - sent) }, async (_none, at) => {
      const reply = await fetch((doors[at % doors.length]?.url ?? '') + path, { headers })
      await reply.arrayBuffer()
      return reply
    })
    replies.push(...(await Promise.all(some)))
  }
  return replies
}

export const statuses = (replies: readonly (Response | Reply)[]): Record<number, number> =>
  Object.fromEntries([...Map.groupBy(replies, ({ status }) => status)].map(([status, all]) => [status, all.length]))

/** 10:00 of this day in UTC. */
const morning = (): number => Math.floor(Date.now() / 86_400_000) * 86_400_000 + 36_000_000

export const test = base.extend<LimitFixtures>({
  settings: async ({}, use) => use({ K1N_ANONYMOUS_PER_MINUTE: '300' }),
  clock: async ({}, use) => use(stoppedClock(morning())),
  kernel: async ({ kernel, clock }, use) => use({ ...kernel, clock }),
  doors: async ({ kernel, clock, prefix }, use) => {
    const { settings, log, bullPrefix } = kernel
    const made = Array.from({ length: 4 }, (): Kernel =>
      createKernel({ settings, role: 'producer', clock, log, tag: prefix, bullPrefix }),
    )
    const doors = await Promise.all(made.map((one) => openDoor(one)))
    await use(doors)
    await Promise.all(doors.map((door) => door.close()))
    await Promise.all(made.map((one) => one.close()))
  },
  standard: async ({ door }, use) => use(await keyHeaders(door)),
})

export { describe, expect, expectProblem } from '../fixtures.ts'
