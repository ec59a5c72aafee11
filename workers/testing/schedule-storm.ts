// Many schedules on several worker processes that are killed, and a Redis that restarts: what came of every slot.
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { readSettings } from '../../shared/kernel/config.ts'
import { createKernel } from '../../shared/kernel/kernel.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { nodeFlags } from '../../shared/kernel/flags.ts'
import { scheduleKeys } from '../../shared/schedules/keys.ts'
import { createScheduleStore } from '../../shared/schedules/store.ts'
import { createBull } from '../../shared/bullmq/bullmq.ts'
import { startTestRedis } from '../../test/support/redis-server.ts'
import type { TestRedis } from '../../test/support/redis-server.ts'
import { definition, record } from '../../test/support/schedules.ts'

export interface Storm {
  readonly schedules: number
  readonly everyMs: number
  readonly workers: number
  readonly seconds: number
  /** Seconds after the first at which a process is killed; another takes its place. */
  readonly kills: readonly number[]
  readonly restarts: readonly number[]
  /** Each schedule fires at a moment of its own. */
  readonly isSpread?: boolean
  /** Jobs of others that the workers run meanwhile, a second. */
  readonly busy?: number
}

export interface Calm {
  /** Slots of all schedules within the time. */
  readonly slots: number
  readonly jobs: number
  /** Slots that the history says were passed over. */
  readonly skipped: number
  /** Slots with neither. */
  readonly lost: string[]
  /** ms from each slot to the making of its job, ascending. */
  readonly late: number[]
  /** ms from each slot to the beginning of its job, in the order in which they came. */
  readonly begun: number[]
}

const idOf = (n: number): string => `storm-${n}`

export const storm = async (given: Storm): Promise<Calm> => {
  const redis = await startTestRedis()
  const tag = 'storm'
  const kernel = createKernel({
    settings: readSettings({ REDIS_URL: redis.url }),
    role: 'worker',
    tag,
    bullPrefix: `bull-${tag}`,
  })
  const children: ChildProcess[] = []
  try {
    await declare(kernel, given)
    for (let n = 0; n < given.workers; n++) children.push(await start(redis, tag))
    await armed(kernel, given)
    const from = Math.ceil((Date.now() + 2_000) / 1_000) * 1_000
    const until = from + given.seconds * 1_000
    await Promise.all([
      ...given.kills.map((at) => killAt(from + at * 1_000, children, redis, tag)),
      ...given.restarts.map((at) => restartAt(from + at * 1_000, redis)),
      load(kernel, given.busy ?? 0, until),
      wait(until - Date.now()),
    ])
    return await settled(kernel, given, from, until)
  } finally {
    for (const child of children) child.kill('SIGKILL')
    await kernel.close()
    await redis.stop()
  }
}

const declare = async (kernel: Kernel, { schedules, everyMs, isSpread }: Storm): Promise<void> => {
  const store = createScheduleStore(kernel)
  const now = Date.now()
  for (let n = 0; n < schedules; n++) {
    const id = idOf(n)
    const offset_ms = isSpread === true ? Math.floor((n * everyMs) / schedules) : 0
    const trigger = { type: 'interval', every_ms: everyMs, offset_ms } as const
    const made = {
      ...record(id),
      definition: definition({ job_name: 'slot.note', trigger }),
      createdAt: now,
      since: now,
    }
    await store.save({ schedule_id: id, queue: 'slots', change: 'created', actor: 'storm' }, 0, made)
  }
}

/** Waits until every schedule has its tick. */
const armed = async (kernel: Kernel, { schedules }: Storm): Promise<void> => {
  const { heard } = scheduleKeys(kernel)
  while ((await kernel.redis.hlen(heard)) < schedules) await wait(250)
}

const start = async (redis: TestRedis, tag: string): Promise<ChildProcess> => {
  const child = fork(new URL('./schedules-child.ts', import.meta.url), {
    env: { ...process.env, REDIS_URL: redis.url, K1N_TEST_TAG: tag, K1N_LOG_LEVEL: 'error' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [...nodeFlags],
  })
  for (;;) {
    const [message] = (await once(child, 'message')) as [{ type?: string }]
    if (message.type === 'ready') return child
  }
}

const killAt = async (at: number, children: ChildProcess[], redis: TestRedis, tag: string): Promise<void> => {
  await wait(at - Date.now())
  children.shift()?.kill('SIGKILL')
  children.push(await start(redis, tag))
}

const LOAD_EVERY_MS = 100

/** Gives the workers other work until then, at an even pace. */
const load = async (kernel: Kernel, eachSecond: number, until: number): Promise<void> => {
  if (eachSecond === 0) return
  const bull = createBull(kernel)
  const many = Array.from({ length: (eachSecond * LOAD_EVERY_MS) / 1_000 }, () => ({
    name: 'load.note',
    data: {},
    opts: { removeOnComplete: true },
  }))
  for (let at = Date.now(); at < until; at += LOAD_EVERY_MS) {
    await wait(Math.max(0, at - Date.now()))
    await bull.queue('load').addBulk(many)
  }
  await bull.close()
}

const restartAt = async (at: number, redis: TestRedis): Promise<void> => {
  await wait(at - Date.now())
  await redis.kill()
  await redis.restart()
}

/** Waits until every slot of the time is decided about and every claim is fulfilled, and counts. */
const settled = async (kernel: Kernel, given: Storm, from: number, until: number): Promise<Calm> => {
  for (let tries = 0; ; tries++) {
    const calm = await count(kernel, given, from, until)
    if (calm.lost.length === 0 || tries === 60) return calm
    await wait(500)
  }
}

const count = async (
  kernel: Kernel,
  { schedules, everyMs, isSpread }: Storm,
  from: number,
  until: number,
): Promise<Calm> => {
  const keys = scheduleKeys(kernel)
  const bull = createBull(kernel)
  const calm = { slots: 0, jobs: 0, skipped: 0, lost: [] as string[], late: [] as number[] }
  const begun: { slot: number; ms: number }[] = []
  for (let n = 0; n < schedules; n++) {
    const id = idOf(n)
    const runs = await kernel.redis.hgetall(keys.runs(id))
    const offset = isSpread === true ? Math.floor((n * everyMs) / schedules) : 0
    const jobs = await bull.readRaw(slotsBetween(from, until, everyMs, offset).map((slot) => ({ queue: 'slots', id: `s_${id}_${slot}` })), ['name', 'timestamp', 'processedOn']) // prettier-ignore
    const passed = Object.values(runs).map((text) => JSON.parse(text) as { skipped?: string; scheduled_for: number; until: number }).filter(({ skipped }) => skipped !== undefined) // prettier-ignore
    slotsBetween(from, until, everyMs, offset).forEach((slot, index) => {
      calm.slots++
      const job = jobs[index]
      const isPassed = passed.some((skip) => skip.scheduled_for <= slot && slot <= skip.until)
      if (job !== undefined && String(slot) in runs) {
        calm.jobs++
        calm.late.push(job.timestamp - slot)
        if (job.processedOn !== undefined) begun.push({ slot, ms: job.processedOn - slot })
      } else if (isPassed) calm.skipped++
      else calm.lost.push(`${id} ${slot}`)
    })
  }
  await bull.close()
  begun.sort((a, b) => a.slot - b.slot)
  return { ...calm, late: calm.late.sort((a, b) => a - b), begun: begun.map(({ ms }) => ms) }
}

const slotsBetween = (from: number, until: number, everyMs: number, offset: number): number[] => {
  const first = Math.ceil((from - offset) / everyMs) * everyMs + offset
  return Array.from({ length: Math.max(0, Math.ceil((until - first) / everyMs)) }, (_, n) => first + n * everyMs)
}

/** The value below which a share of all lie. */
export const share = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0
