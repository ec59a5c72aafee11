// Pages with more on them than anybody plans for: each can be worked with within a second and a half, and none freezes.
import { FlowProducer, Queue } from 'bullmq'
import type { FlowJob } from 'bullmq'
import { Redis } from 'ioredis'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../support/stack.ts'
import { openSite } from './browser.ts'
import type { Site, Visit } from './browser.ts'

const QUEUES = 1_000
const SCHEDULES = 5_000
const LINES = 100_000
const PAYLOAD = 5_000_000
const NODES = 500
const READY_MS = 1_500
const FREEZE_MS = 200
let site: Site
let visit: Visit
let root: string

const seedQueues = async (redis: Redis): Promise<void> => {
  const pipeline = redis.pipeline()
  for (let n = 0; n < QUEUES; n++)
    pipeline.hset(
      `bull:many-${String(n).padStart(4, '0')}:meta`,
      'version',
      'bullmq:6.7.0',
      'opts.maxLenEvents',
      '10000',
    )
  await pipeline.exec()
}

const seedSchedules = async (): Promise<void> => {
  const { client } = site.stack
  const make = (n: number) =>
    client.schedules.create({
      body: { id: `many-${n}`, name: `Many ${n}`, job_name: 'demo.mail', data: { to: 'a@example.org', subject: 'x', takes_ms: 5 }, trigger: { type: 'cron', expression: `${n % 60} ${n % 24} * * *`, timezone: 'UTC' } }, // prettier-ignore
    })
  for (let n = 0; n < SCHEDULES; n += 50) await Promise.all(Array.from({ length: 50 }, (_, place) => make(n + place)))
}

const seedJobs = async (redis: Redis): Promise<void> => {
  const connection = { url: site.stack.redis.url }
  const queue = new Queue('heavy', { connection })
  const entries = Array.from({ length: PAYLOAD / 100 }, (_, n) => ({ n, text: 'x'.repeat(78) }))
  await queue.add('large', { entries }, { jobId: 'large', delay: 86_400_000 })
  await queue.add('told', { a: 1 }, { jobId: 'told', delay: 86_400_000 })
  const lines = Array.from(
    { length: 1_000 },
    (_, n) => `line ${n}: read a block of the recording and wrote it elsewhere`,
  )
  for (let n = 0; n < LINES / 1_000; n++) await redis.rpush('bull:heavy:told:logs', ...lines)
  const flow = new FlowProducer({ connection })
  const child = (n: number): FlowJob => ({ name: `step-${n}`, queueName: 'heavy', opts: { jobId: `f${n}`, delay: 86_400_000 }, data: { n } }) // prettier-ignore
  // A root with 20 parts of 24 steps each, about 500 in all.
  const parts = Array.from({ length: 20 }, (_, n): FlowJob => ({ name: `part-${n}`, queueName: 'heavy', opts: { jobId: `p${n}` }, data: {}, children: Array.from({ length: NODES / 20 - 1 }, (_each, m) => child(n * 100 + m)) })) // prettier-ignore
  await flow.add({ name: 'whole', queueName: 'heavy', opts: { jobId: 'whole' }, data: {}, children: parts })
  root = 'heavy:whole'
  await Promise.all([queue.close(), flow.close()])
}

beforeAll(async () => {
  site = await openSite()
  const redis = new Redis(site.stack.redis.url)
  await seedQueues(redis)
  await seedJobs(redis)
  await seedSchedules()
  redis.disconnect()
  await until(
    () => site.stack.client.jobs.list({ query: { queue: ['heavy'], limit: 50 } }),
    ({ data }) => data.length === 50,
    250,
  )
  visit = await site.visit()
  await visit.page.addInitScript(() => {
    const freezes: number[] = []
    Object.assign(globalThis, { freezes })
    new PerformanceObserver((list) => freezes.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask', buffered: true }) // prettier-ignore
  })
  // Code and fonts are there, as for somebody who works with it.
  for (const path of ['/', '/queues', '/jobs', '/schedules']) await visit.open(path)
}, 600_000)
afterAll(() => site.close())

/** How long until something of a page is there and a key press is answered, and the longest it froze. */
const measure = async (page: Page, path: string, there: string): Promise<{ ready: number; freeze: number }> => {
  const times: { ready: number; freeze: number }[] = []
  for (let round = 0; round < 3; round++) {
    await page.goto(path)
    await page.locator(there).first().waitFor()
    const ready = await page.evaluate(() => new Promise<number>((resolve) => requestAnimationFrame(() => setTimeout(() => resolve(performance.now()))))) // prettier-ignore
    await page.mouse.move(600, 500)
    for (let turn = 0; turn < 10; turn++) await page.mouse.wheel(0, 400)
    await page.waitForTimeout(1_000)
    const freeze = await page.evaluate(() => Math.max(0, ...(globalThis as unknown as { freezes: number[] }).freezes))
    times.push({ ready, freeze })
  }
  console.log(path, times.map(({ ready, freeze }) => `${Math.round(ready)}/${Math.round(freeze)}`).join(' '))
  return { ready: Math.min(...times.map(({ ready }) => ready)), freeze: Math.min(...times.map(({ freeze }) => freeze)) }
}

test.each([
  ['1,000 queues', '/queues', 'main a[href*="many-0"]'],
  ['5,000 schedules on the board', '/schedules', 'main a[href*="/schedules/many-"]'],
  ['5,000 schedules in a list', '/schedules?view=list', 'main a[href*="/schedules/many-"]'],
  ['a log of 100,000 lines', '/jobs/heavy:told?tab=logs', 'text=read a block of the recording'],
  ['a payload of 5 MB', '/jobs/heavy:large?tab=payload', '[role=tree], [role=treeitem], main pre, main .json'],
  ['a workflow of 500 jobs', '/jobs/heavy:whole?tab=flow', 'text=part-'],
])('%s can be worked with at once', async (_name, path, there) => {
  const { ready, freeze } = await measure(visit.page, path, there)
  expect.soft(ready).toBeLessThan(READY_MS)
  expect.soft(freeze).toBeLessThan(FREEZE_MS)
  expect(root).not.toBe('')
  expect(visit.mishaps.splice(0)).toEqual([])
})
