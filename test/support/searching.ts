// What tests of searching jobs share: terms, all pages of a search, and some jobs to be found.
import type { Bull } from '../../shared/bullmq/bullmq.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { JobsSearch } from '../../shared/jobs/search-words.ts'
import type { SearchTerm, SearchWhere } from '../../shared/jobs/search-words.ts'
import { expect } from './rooms.ts'
import type { RoomFixtures } from './rooms.ts'

export const T0 = Date.UTC(2026, 10, 20)
export const at = (n: number): string => new Date(T0 + n * 1_000).toISOString()
export const term = (field: string, op: SearchTerm['op'], value: SearchTerm['value']): SearchTerm => ({
  field,
  op,
  value,
})
export const asked = (where: SearchWhere, more: Record<string, unknown> = {}): JobsSearch =>
  JobsSearch.parse({ where, limit: 200, ...more })

type Asking = Pick<RoomFixtures, 'jobs' | 'me'>

/** Turns all pages; what `between` does happens after each. Answers the ids that were met. */
export const idsOf = async (
  { jobs, me }: Asking,
  where: SearchWhere,
  more: Record<string, unknown> = {},
  between?: (turn: number) => Promise<unknown>,
): Promise<string[]> => {
  const found: string[] = []
  let cursor: string | null = null
  for (let turn = 0; turn === 0 || cursor !== null; turn++) {
    const page = await jobs.search(me, asked(where, { ...more, ...(cursor === null ? {} : { cursor }) }))
    found.push(...page.data.map(({ id }) => id))
    cursor = page.page.next_cursor
    expect(cursor?.length ?? 0).toBeLessThan(2_048)
    await between?.(turn)
  }
  return found
}

/** Jobs in each state, made at seconds 1 to 6 and ended at twice that; the recorder's list knows them all. */
export const arrange = async ({ kernel, bull }: { kernel: Kernel; bull: Bull }): Promise<void> => {
  const { redis } = kernel
  await redis.hset(bull.keys('shop').meta, 'opts.maxLenEvents', 10_000)
  const make = async (n: number, id: string, hash: Record<string, string | number>, queue = 'shop') => {
    const told = { name: 'order.place', timestamp: T0 + n * 1_000, data: '{}', opts: '{}', ...hash }
    await redis.hset(bull.keys(queue).job(id), told)
    await redis.zadd(kernel.key('jobs', 'recent'), T0 + n * 1_000, `${queue}:${id}`)
  }
  const k1n = (extras: object): string => JSON.stringify({ k1n: extras })
  await make(1, 'w', { opts: k1n({ tags: ['vip', 'eu'] }) })
  await redis.lpush(bull.keys('shop').wait, 'w')
  await make(2, 'a', { opts: k1n({ service: 'bank' }), ats: 1 })
  await redis.lpush(bull.keys('shop').active, 'a')
  await make(3, 'd', { delay: 60_000 })
  await redis.zadd(bull.keys('shop').delayed, (T0 + 60_000) * 4_096, 'd')
  await make(4, 'c', { finishedOn: T0 + 8_000, atm: 1, opts: k1n({ tags: ['eu'] }) })
  await redis.zadd(bull.keys('shop').completed, T0 + 8_000, 'c')
  const judged = JSON.stringify({ attempt: 1, name: 'E', class: 'timeout' })
  await make(5, 'f', { finishedOn: T0 + 10_000, atm: 1, failedReason: 'Bank 🏦 was silent', k1nError: judged })
  await redis.zadd(bull.keys('shop').failed, T0 + 10_000, 'f')
  await make(6, 'm', { name: 'mail.send', data: '{"to":"ada","n":7}' }, 'mail')
  await redis.lpush(bull.keys('mail').wait, 'm')
  await bull.discover()
}
