// One run of the fuzz: so many requests, a seed that brings them back, and the promises after each and at the end.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { expect } from 'vitest'
import type { Door } from '../api/fixtures.ts'
import { wild } from './generate.ts'
import type { Wild } from './generate.ts'
import { percentile } from '../faults/support/figures.ts'
import { checkRedis, judge, sendWild } from './oracle.ts'

const AT_ONCE = 8
/** Requests made up in one go; making up all of them at once would hold up the server, which runs in this process. */
const SLICE = 80
/** Longest answer in ms. The promise is one second; a machine shared with other tests may be several times slower. */
const SLOW_MS = 5_000
/** All but one in a hundred are answered within, in ms: no request is refused by a time-out of its own making. */
const P99_MS = 1_000

const mb = (bytes: number): number => Math.round((bytes / 1_048_576) * 10) / 10

/** Requests after which everything has been used once; of a long run a fifth, as code is compiled anew when it is used much. */
const warmOf = (count: number): number => Math.max(10, Math.floor(count / 5 / SLICE)) * SLICE
/** Bytes that may be held more at the end: the log of the test itself, and what Redis and the rooms remember of jobs. */
const GROWTH_MAX = 20 * 1_048_576

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** What is held and not merely not collected yet. */
const heldBytes = (): number => {
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** `K1N_TEST_SEED` brings a run back. */
const seedOf = (): number => Number(process.env['K1N_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

interface Seen {
  readonly statuses: Record<number, number>
  readonly times: number[]
}

const attempt = async (door: Door, one: Wild, name: string, { statuses, times }: Seen): Promise<void> => {
  try {
    const answer = await sendWild(door, one)
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1
    times.push(answer.ms)
    await judge(door, one, answer, SLOW_MS)
  } catch (error) {
    const short = JSON.stringify({ ...one, body: String(one.body).slice(0, 2_000) })
    throw new Error(`${name}: ${String(error)}\n${short}`, { cause: error })
  }
}

/** Sends `count` requests and holds the API to its promises. The seed is in every failure. */
export const fuzz = async (
  door: Door,
  logged: Record<string, unknown>[],
  count: number,
): Promise<Record<number, number>> => {
  const seed = seedOf()
  process.stdout.write(`fuzz: ${count} requests, K1N_TEST_SEED=${seed}\n`)
  // Wrong keys are part of the game; an address that sends many of them would be kept out.
  door.api.rooms.auth.throttle.failed = () => undefined
  const seen: Seen = { statuses: {}, times: [] }
  let settled = 0
  const held: number[] = []
  const warm = warmOf(count)
  for (let at = 0; at < count; at += SLICE) {
    // What is loaded and learnt at first stays; from then on nothing may.
    if (at === warm) settled = heldBytes()
    const requests = fc.sample(wild, { seed: seed + at, numRuns: SLICE })
    for (let i = 0; i < SLICE; i += AT_ONCE)
      await Promise.all(
        requests
          .slice(i, i + AT_ONCE)
          .map((one, j) => attempt(door, one, `request ${at + i + j} of seed ${seed}`, seen)),
      )
    expect(logged.filter((line) => line['level'] === 'error')).toEqual([])
    // What the test itself remembers is no growth of the API.
    logged.length = 0
    if (at % 4_000 === 0 && at >= warm) held.push(heldBytes())
  }
  await checkRedis(door)
  expect((await door.send('GET', '/readyz')).status).toBe(200)
  const p99 = percentile(seen.times, 0.99)
  process.stdout.write(
    `fuzz: p50 ${Math.round(percentile(seen.times, 0.5))} ms, p99 ${Math.round(p99)} ms, holds ${mb(heldBytes() - settled)} MB more (${held.map((bytes) => mb(bytes - settled)).join(', ')})\n`,
  )
  expect(p99).toBeLessThan(P99_MS)
  expect(heldBytes() - settled).toBeLessThan(GROWTH_MAX)
  return seen.statuses
}
