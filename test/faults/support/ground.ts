// What a fault is given: its seed, its chance, a directory of its own, and the promise that what it opens is closed.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chance } from './random.ts'
import type { Chance } from './random.ts'

export interface Ground {
  readonly fault: string
  readonly seed: number
  readonly chance: Chance
  readonly dir: string
  /** Runs at the end whatever happens, last opened first closed. */
  onClose(work: () => Promise<unknown>): void
}

/** `keep` leaves the directory with ledgers and logs behind. */
export const openGround = (fault: string, seed: number): Ground & { close(keep: boolean): Promise<void> } => {
  const dir = mkdtempSync(join(tmpdir(), `k1n-${fault.toLowerCase()}-`))
  const works: (() => Promise<unknown>)[] = []
  return {
    fault,
    seed,
    dir,
    chance: chance(seed),
    onClose: (work) => void works.push(work),
    async close(keep) {
      for (const work of works.reverse()) await work().catch(() => undefined)
      if (!keep) rmSync(dir, { recursive: true, force: true })
    },
  }
}
