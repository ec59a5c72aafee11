// What the audit promises when processes die and Redis is full, and what it lets go of.
import type { Redis } from 'ioredis'
import { vi } from 'vitest'
import { expect, test } from '../../test/support/fixtures.ts'
import { createAudit, OPEN_MAX_MS } from './audit.ts'
import type { Begun } from './audit.ts'
import { AuditQuery } from './contract.ts'
import { sidesOf } from './redact.ts'
import { person } from '../../test/support/rooms.ts'

const everyone = person()

const all = AuditQuery.parse({})
/** Time in which whoever waits for nothing else would have been answered. */
const pings = async (redis: Redis): Promise<string> => {
  for (let n = 0; n < 10; n++) await redis.ping()
  return 'nobody answered yet'
}

const intent = {
  actor: { kind: 'key', id: 'key_1', name: 'Ada' },
  action: 'deleteQueue',
  kind: 'queue',
  target: 'mail',
} as const

test('a change whose process died in the middle is told as unknown after a minute', async ({ kernel, clock }) => {
  await createAudit(kernel).begin({ ...intent, before: { paused: false } })
  const other = createAudit(kernel)
  expect((await other.list(everyone, all)).data).toEqual([])
  await clock.advance(OPEN_MAX_MS + 1)
  expect((await other.list(everyone, all)).data).toMatchObject([
    { action: 'deleteQueue', outcome: 'unknown', actor: { name: 'Ada' } },
  ])
  expect(await other.settle()).toBe(0)
})

test('a change that many settle at once is told once', async ({ kernel, clock }) => {
  await createAudit(kernel).begin(intent)
  await clock.advance(OPEN_MAX_MS + 1)
  await Promise.all(Array.from({ length: 5 }, () => createAudit(kernel).settle()))
  expect((await createAudit(kernel).list(everyone, all)).data).toHaveLength(1)
})

test('an end that does not reach Redis does not fail the request, is told in the log, and follows as unknown', async ({
  kernel,
  clock,
  logged,
}) => {
  const begun = await createAudit(kernel).begin(intent)
  const evalsha = kernel.redis.evalsha.bind(kernel.redis)
  kernel.redis.evalsha = () => Promise.reject(new Error('Connection is closed'))
  await begun.end({ outcome: 'done' })
  kernel.redis.evalsha = evalsha
  expect(logged).toContainEqual(expect.objectContaining({ level: 'error', action: 'deleteQueue' }))
  await clock.advance(OPEN_MAX_MS + 1)
  expect((await createAudit(kernel).list(everyone, all)).data).toMatchObject([{ outcome: 'unknown' }])
})

test('a change that was made is in the list of its process, and kept before that stops, although nobody waited', async ({
  kernel,
}) => {
  const audit = createAudit(kernel)
  const slow = Promise.withResolvers<undefined>()
  const evalsha = kernel.redis.evalsha.bind(kernel.redis)
  const endSlowly = (begun: Begun): void => {
    kernel.redis.evalsha = (...given: unknown[]) =>
      slow.promise.then(() => Reflect.apply(evalsha, undefined, given) as Promise<unknown>)
    void begun.end({ outcome: 'done' })
    kernel.redis.evalsha = evalsha
  }
  endSlowly(await audit.begin(intent))
  const listed = audit.list(everyone, all)
  const stopped = audit.stop().then(() => createAudit(kernel).list(everyone, all))
  const first = await Promise.race([listed, stopped, pings(kernel.redis)])
  expect(first).toBe('nobody answered yet')
  // What is handed in meanwhile is kept too.
  audit.work({ ...intent, target: 'late' }, { outcome: 'done' })
  const late = stopped.then(() => createAudit(kernel).list(everyone, AuditQuery.parse({ log: 'work' })))
  slow.resolve(undefined)
  for (const { data } of await Promise.all([listed, stopped])) expect(data).toMatchObject([{ outcome: 'done' }])
  expect((await late).data).toMatchObject([{ target: { id: 'late' } }])
})

test('work of one moment is told of in one call, in order, and the oldest leaves', async ({ kernel }) => {
  const audit = createAudit({ ...kernel, settings: { ...kernel.settings, K1N_AUDIT_MAX: 100 } })
  const asked = vi.spyOn(kernel.redis, 'evalsha')
  for (let n = 0; n < 50; n++) audit.work({ ...intent, target: `job_${n}` }, { outcome: 'done' })
  const work = AuditQuery.parse({ log: 'work', limit: 50 })
  await vi.waitFor(async () => expect((await audit.list(everyone, work)).data).toHaveLength(50))
  expect((await audit.list(everyone, work)).data.map(({ target }) => target.id)).toEqual(
    Array.from({ length: 50 }, (_, n) => `job_${49 - n}`),
  )
  expect(asked.mock.calls.filter((call) => call.includes(kernel.key('audit', 'work')))).toHaveLength(1)
  for (let n = 0; n < 1_000; n++) audit.work(intent, { outcome: 'done' })
  await vi.waitFor(async () => expect(await kernel.redis.xlen(kernel.key('audit', 'work'))).toBeLessThan(400))
})

test('what k1n does by itself is told with k1n as its actor', async ({ kernel }) => {
  const audit = createAudit(kernel)
  await audit.note({
    action: 'disableWebhook',
    kind: 'webhook',
    target: 'wh_1',
    reason: 'gone',
    after: { enabled: false },
  })
  expect((await audit.list(everyone, { ...all, actor: ['system'] })).data).toMatchObject([
    { actor: { kind: 'system' }, target: { id: 'wh_1' }, reason: 'gone', after: { enabled: false }, request_id: null },
  ])
})

test('entries leave when they are too many and when they are too old', async ({ kernel }) => {
  const at = (days: number, most: number) =>
    createAudit({
      ...kernel,
      clock: { ...kernel.clock, now: () => Date.now() + days * 86_400_000 },
      settings: { ...kernel.settings, K1N_AUDIT_MAX: most },
    })
  const log = kernel.key('audit', 'log')
  for (let i = 0; i < 300; i++) await at(0, 100).note({ action: 'a', kind: 'k' })
  const many = await kernel.redis.xlen(log)
  expect(many).toBeGreaterThanOrEqual(100)
  expect(many).toBeLessThanOrEqual(200)
  await at(366, 100_000).note({ action: 'b', kind: 'k' })
  expect(await kernel.redis.xlen(log)).toBeLessThan(100)
})

test('a thing that was and is shows the members that differ, without what must not be kept', () => {
  const before = { url: 'https://u:p@a.example/x?t=1', secret: 'one', data: { a: 1 }, enabled: true, n: 1 }
  const after = { ...before, secret: 'two', data: { a: 2 }, enabled: false }
  expect(sidesOf(before, after, true)).toEqual({
    before: { secret: '[hidden]', data: '[hidden]', enabled: true },
    after: { secret: '[hidden]', data: '[hidden]', enabled: false },
  })
  expect(sidesOf(null, before, true).after).toMatchObject({ url: 'https://a.example/x?[hidden]' })
  const large = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`m${i}`, 'x'.repeat(900)]))
  expect(JSON.stringify(sidesOf(null, large, true).after).length).toBeLessThan(16_384)
})

test('many entries come in one read, and one of many that fit a filter is found among them', async ({ kernel }) => {
  const audit = createAudit(kernel)
  const note = (n: number, target: string) => audit.note({ action: 'editService', kind: 'service', target, reason: `no ${n}, "svc-9" is not meant` }) // prettier-ignore
  for (let n = 0; n < 30; n++) await note(n, `svc-${n}`)
  const reads = vi.spyOn(kernel.redis, 'xrevrange')
  const first = await audit.list(everyone, { ...all, limit: 20 })
  expect([first.data.length, first.page.has_more, reads.mock.calls.length]).toEqual([20, true, 1])
  const settles = vi.spyOn(kernel.redis, 'hgetall')
  const rest = await audit.list(everyone, { ...all, limit: 20, cursor: first.page.next_cursor ?? '' })
  expect([rest.data.length, rest.page.has_more, settles.mock.calls.length]).toEqual([10, false, 0])
  const found = await audit.list(everyone, { ...all, target: 'svc-9', kind: ['service', 'queue'] })
  expect(found.data).toMatchObject([{ target: { id: 'svc-9' }, reason: 'no 9, "svc-9" is not meant' }])
})

test('a target whose name is written with escapes in JSON is found', async ({ kernel }) => {
  const audit = createAudit(kernel)
  const target = 'a "b"\\c\nü'
  await audit.note({ action: 'editService', kind: 'service', target })
  expect((await audit.list(everyone, { ...all, target })).data).toMatchObject([{ target: { id: target } }])
})

test('a process has not stopped while work that was handed in waits to be told of', async ({ kernel }) => {
  const audit = createAudit(kernel)
  await audit.start()
  const slow = Promise.withResolvers<undefined>()
  const evalsha = kernel.redis.evalsha.bind(kernel.redis)
  kernel.redis.evalsha = (async (...call: Parameters<typeof evalsha>) =>
    slow.promise.then(() => evalsha(...call))) as typeof evalsha
  audit.work({ ...intent, target: 'first' }, { outcome: 'done' })
  await new Promise(setImmediate)
  audit.work({ ...intent, target: 'behind' }, { outcome: 'done' })
  let hasStopped = false
  const stopped = audit.stop().then(() => (hasStopped = true))
  await kernel.redis.ping()
  expect(hasStopped).toBe(false)
  slow.resolve(undefined)
  await stopped
  kernel.redis.evalsha = evalsha
  const { data } = await createAudit(kernel).list(everyone, AuditQuery.parse({ log: 'work' }))
  expect(data.map(({ target }) => target.id)).toEqual(['behind', 'first'])
})
