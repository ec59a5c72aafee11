// Budgets and bulkheads over real processes: what the fleet does is judged by what each process wrote down.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, test as base, testRedisUrl } from '../../test/support/fixtures.ts'

const hammer = fileURLToPath(new URL('testing/hammer.ts', import.meta.url))

type Start = (what: 'budget' | 'places', config: object, ms: number) => { child: ChildProcess; file: string }

const test = base.extend<{ start: Start }>({
  start: async ({ prefix, dir }, use) => {
    const children: ChildProcess[] = []
    await use((what, config, ms) => {
      const file = join(dir, `${children.length}.log`)
      writeFileSync(file, '')
      const args = [hammer, what, testRedisUrl(), prefix, JSON.stringify(config), file, String(ms)]
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
      children.push(child)
      return { child, file }
    })
    for (const child of children) child.kill('SIGKILL')
  },
})

const linesOf = (file: string): string[] => readFileSync(file, 'utf8').trimEnd().split('\n').filter(Boolean)
const end = (child: ChildProcess): Promise<unknown> =>
  child.exitCode === null ? once(child, 'exit') : Promise.resolve()

/** The most of `times` that lie in any window of `ms`, its ends included. */
const mostWithin = (times: readonly number[], ms: number): number => {
  const sorted = times.toSorted((a, b) => a - b)
  let [most, first] = [0, 0]
  for (const [last, at] of sorted.entries()) {
    while (at - (sorted[first] as number) > ms) first++
    most = Math.max(most, last - first + 1)
  }
  return most
}

test(
  'twenty processes that hammer 300 calls in 30 s for two minutes use at least 97 % of them, and never more',
  { timeout: 200_000 },
  async ({ start, kernel }) => {
    const processes = Array.from({ length: 20 }, () => start('budget', { limit: 300, per_ms: 30_000 }, 135_000))
    await Promise.all(processes.map(({ child }) => end(child)))
    const granted = processes.flatMap(({ file }) => linesOf(file).map(Number)).toSorted((a, b) => a - b)
    const begun = granted[0] ?? 0
    const inTwoMinutes = granted.filter((at) => at < begun + 120_000).length
    const observed = (await kernel.redis.lrange(kernel.key('observed-calls'), 0, -1)).map(Number)
    console.info(
      `${inTwoMinutes} of 1200 in two minutes; at most ${mostWithin(granted, 30_000)} granted and ` +
        `${mostWithin(observed, 30_000)} made in any 30 s`,
    )
    expect(mostWithin(granted, 30_000)).toBeLessThanOrEqual(300)
    expect(inTwoMinutes).toBeGreaterThanOrEqual(0.97 * 1_200)
    // What a busy machine makes of it: a call is made a little after it was granted.
    expect(observed.length).toBe(granted.length)
    expect(mostWithin(observed, 29_000)).toBeLessThanOrEqual(300)
  },
)

interface Call {
  from: number
  to: number
}

const callsOf = (file: string, openUntil: number): Call[] => {
  const events = linesOf(file).map((line) => line.split(' '))
  const ends = events.filter(([what]) => what === 'leave').map(([, at]) => Number(at))
  // Which place is left does not matter for how many are taken.
  return events
    .filter(([what]) => what === 'enter')
    .map(([, at], index) => ({ from: Number(at), to: ends[index] ?? openUntil }))
}

/** How many calls there were at most at once, from a moment on. */
const mostAtOnce = (calls: readonly Call[], from = -Infinity): number => {
  const changes = calls
    .filter((call) => call.to >= from)
    .flatMap(
      (call) =>
        [
          [Math.max(call.from, from), 1],
          [call.to, -1],
        ] as [number, number][],
    )
    .toSorted(([a, up], [b, down]) => a - b || up - down)
  let [now, most] = [0, 0]
  for (const [, by] of changes) most = Math.max(most, (now += by))
  return most
}

test(
  'places of killed processes come back after their lease, and until then nobody has them',
  { timeout: 60_000 },
  async ({ start }) => {
    const lease_ms = 4_000
    const max = 6
    const config = { max, lease_ms }
    const victims = [start('places', config, 60_000), start('places', config, 60_000), start('places', config, 60_000)]
    await wait(4_000)
    const survivors = [start('places', config, 16_000), start('places', config, 16_000)]
    await wait(4_000)
    const killedAt = Number(process.hrtime.bigint() / 1_000n) / 1_000
    for (const { child } of victims) child.kill('SIGKILL')
    await Promise.all(survivors.map(({ child }) => end(child)))
    // Its last renewal is at most a third of a lease and a beat old, on a busy machine half a second more.
    const heldUntil = killedAt + lease_ms - (lease_ms / 3 + 250 + 500)
    const dead = victims.flatMap(({ file }) => callsOf(file, heldUntil))
    const living = survivors.flatMap(({ file }) => callsOf(file, Infinity))
    const lost = dead.filter(({ to }) => to === heldUntil).length
    const again = mostAtOnce(living, killedAt + lease_ms + 1_000)
    console.info(
      `${dead.length + living.length} calls; ${lost} places died; at most ${mostAtOnce([...dead, ...living])} at once; then ${again} again`,
    )
    expect(lost).toBeGreaterThan(0)
    expect(mostAtOnce([...dead, ...living])).toBe(max)
    expect(again).toBe(max)
  },
)
