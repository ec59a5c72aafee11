// Clocks of processes that a fault sets wrong while they run; see `programs/hook.ts`.
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Ground } from './ground.ts'

export interface MachineClock {
  /** Settings of the program whose clock it is. */
  readonly env: Record<string, string>
  /** From now on it is so many ms ahead; behind when negative. */
  set(aheadMs: number): void
}

export const createClock = ({ dir }: Pick<Ground, 'dir'>, name: string, aheadMs: number): MachineClock => {
  const path = join(dir, `clock-${name}`)
  const set = (ms: number): void => {
    writeFileSync(`${path}.new`, String(ms))
    renameSync(`${path}.new`, path)
  }
  set(aheadMs)
  return { env: { K1N_TEST_CLOCK: path }, set }
}
