// Events while what sends them is killed again and again, and Redis once: each stands in the log once and starts one thing.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, test as base } from '../../test/support/fixtures.ts'
import { startTestRedis } from '../../test/support/redis-server.ts'
import type { TestRedis } from '../../test/support/redis-server.ts'
import { readSettings } from '../kernel/config.ts'
import { createKernel } from '../kernel/kernel.ts'
import { createEventLog } from '../stream/log.ts'
import type { EventAccepted } from './contract.ts'

const sender = fileURLToPath(new URL('testing/sender.ts', import.meta.url))
const COUNT = 6_000
const KILLS = 8

const test = base.extend<{ own: TestRedis }>({
  own: async ({}, use) => {
    const redis = await startTestRedis()
    await use(redis)
    await redis.stop()
  },
})

const answersIn = (file: string): EventAccepted[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line.endsWith('}'))
        .map((line) => JSON.parse(line) as EventAccepted)
    : []

test(
  'events whose sender is killed eight times, and whose Redis once, are each told once and start one job',
  { timeout: 120_000 },
  async ({ own, prefix, dir }) => {
    const file = join(dir, 'answers')
    let child: ChildProcess | undefined
    const start = (): void => {
      const args = [sender, own.url, prefix, String(answersIn(file).length), String(COUNT), file]
      child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
    }
    /** Waits until so many more are answered, so that each kill comes in the middle of the work. */
    const more = async (by: number): Promise<void> => {
      const goal = Math.min(COUNT, answersIn(file).length + by)
      while (answersIn(file).length < goal) await wait(10)
    }
    start()
    for (let kill = 0; kill < KILLS; kill++) {
      await more(COUNT / (KILLS + 2))
      child?.kill('SIGKILL')
      if (child) await once(child, 'exit')
      if (kill === KILLS / 2) await own.kill()
      start()
      if (kill === KILLS / 2) await own.restart()
    }
    await more(COUNT)
    const kernel = createKernel({ settings: readSettings({ REDIS_URL: own.url }), role: 'worker', tag: prefix })
    const told = (await createEventLog(kernel).readAfter('0-0', 2 * COUNT)).map(({ sent }) => sent?.id)
    const reactions = Number(await kernel.redis.get(kernel.key('test', 'reactions')))
    const jobs = await kernel.redis.scard(kernel.key('test', 'jobs'))
    await kernel.close()
    console.info(`${told.length} events, ${reactions} reactions, ${jobs} jobs of ${COUNT}`)
    expect(told).toHaveLength(COUNT)
    expect(new Set(told).size).toBe(COUNT)
    expect(jobs).toBe(COUNT)
    // One that was killed before it could remember reacts again when the event comes again, and then once.
    expect(reactions).toBeLessThanOrEqual(COUNT + KILLS + 1)
    for (const { event_id, matched } of answersIn(file))
      expect(matched).toEqual([{ schedule_id: 'bill', task_id: `billing:${event_id}` }])
  },
)
