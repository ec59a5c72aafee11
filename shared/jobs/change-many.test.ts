// What changing many jobs at once promises to all others: nobody waits for Redis because of it.
import { expect, testCatalog, test } from '../../test/support/rooms.ts'
import { createPerforming } from '../batch/batch.ts'
import { isProblem } from '../kernel/problem.ts'
import { setPriorityMany } from './change-many.ts'

const WAITING = 200_000
const CHANGED = 40
/** Members of the line that are passed at once, at most. */
const PASSED_MAX = 1_000_000

test('in a long line few priorities are changed at once, as each is looked for along the whole line', async ({
  kernel,
  bull,
  me,
}) => {
  const keys = bull.keys('mail')
  for (let from = 0; from < WAITING; from += 50_000)
    await kernel.redis.lpush(keys.wait, ...Array.from({ length: 50_000 }, (_, n) => `j${from + n}`))
  const ids = Array.from({ length: CHANGED }, (_, n) => `j${WAITING / 2 + n}`)
  for (const id of ids) await kernel.redis.hset(keys.job(id), { name: 'x', data: '{}', opts: '{}', timestamp: 1 })
  const { steering, look } = createPerforming(kernel, bull, testCatalog, async () => [])
  const backend = bull.queue('mail').getBackend()
  const change = backend.changePriority.bind(backend)
  let [open, most] = [0, 0]
  backend.changePriority = async (...args) => {
    most = Math.max(most, ++open)
    return change(...args).finally(() => open--)
  }
  const found = await look(me, ids.map((id) => ({ task_id: `mail:${id}` }))) // prettier-ignore
  const items = found.flatMap((one) => (isProblem(one) ? [] : [{ ...one, priority: 7 }]))
  const came = await setPriorityMany(steering, items, { actor: 'Ada', mark: 'm', dryRun: false })
  expect(came.map((one) => one.status)).toEqual(ids.map(() => 200))
  expect(await kernel.redis.zcard(keys.prioritized)).toBe(CHANGED)
  expect(await kernel.redis.llen(keys.wait)).toBe(WAITING - CHANGED)
  expect(most * WAITING).toBeLessThanOrEqual(PASSED_MAX)
})
