// Whoever checks is killed again and again: another goes on, and no alert is told twice or not at all.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../kernel/clock.ts'
import { count, expect, test } from '../../test/support/alerts.ts'
import { testRedisUrl } from '../../test/support/fixtures.ts'

const program = fileURLToPath(new URL('testing/check.ts', import.meta.url))
const QUEUES = 30
const KILLS = 3

test(
  'checkers that are killed leave no alert untold and none told twice',
  { timeout: 60_000 },
  async ({ kernel, prefix, told }) => {
    const start = (): ChildProcess => spawn(process.execPath, [program, testRedisUrl(), prefix], { stdio: ['ignore', 'ignore', 'inherit'] }) // prettier-ignore
    const kill = async (child: ChildProcess): Promise<void> => {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    const firing = async (): Promise<string[]> =>
      (await told()).flatMap(({ name, data }) =>
        name === 'alert.firing' && data['rule_id'] === 'failure_rate_high' ? String(data['queue']) : [],
      )
    const untilTold = async (many: number): Promise<void> => {
      while ((await firing()).length < many) await wait(20)
    }
    let processes = [start(), start()]
    try {
      for (let turn = 0; turn <= KILLS; turn++) {
        const now = systemClock.now()
        for (let n = 0; n < QUEUES; n++) await count(kernel, `q${turn}-${n}`, { completed: 10, failed: 30 }, now)
        await untilTold(turn * QUEUES + 1)
        if (turn === KILLS) break
        const [first, second] = processes as [ChildProcess, ChildProcess]
        await kill(first)
        processes = [second, start()]
      }
      await untilTold((KILLS + 1) * QUEUES)
      const said = await firing()
      expect(said).toHaveLength((KILLS + 1) * QUEUES)
      expect(new Set(said).size).toBe(said.length)
    } finally {
      for (const child of processes) await kill(child)
    }
  },
)
