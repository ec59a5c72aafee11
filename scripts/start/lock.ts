// The lock on a data directory: one `npm start` at a time, and word of the one that holds it.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { commandOf } from './pid.ts'

const Holder = z.object({ pid: z.number().int().positive(), url: z.string().optional(), since: z.string() })
/** Who holds the lock. `url` is there once its API is up. */
export type Holder = z.output<typeof Holder>

export type LockAttempt =
  | { taken: true; /** Whether a run before ended without releasing it. */ wasStale: boolean; lock: Lock }
  | { taken: false; holder: Holder }

export interface Lock {
  /** Tells where the API is, for whoever finds the lock held. */
  tell: (url: string) => void
  release: () => void
}

/** Takes the lock of the data directory, which must exist. One held by a dead process, or by another program that got its
 *  process id since, is taken over. */
export const takeLock = (dataDir: string, runs: (pid: number) => boolean = runsStart): LockAttempt => {
  const file = join(dataDir, 'lock')
  const holder: Holder = { pid: process.pid, since: new Date().toISOString() }
  for (let wasStale = false; ; wasStale = true) {
    if (created(file, holder)) return { taken: true, wasStale, lock: held(file, holder) }
    const text = read(file)
    const other = parse(text)
    if (other && runs(other.pid)) return { taken: false, holder: other }
    removeExactly(file, text)
  }
}

const runsStart = (pid: number): boolean => commandOf(pid).includes('start.ts')

const created = (file: string, holder: Holder): boolean => {
  try {
    writeFileSync(file, JSON.stringify(holder), { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

const held = (file: string, holder: Holder): Lock => ({
  tell: (url) => {
    replace(file, JSON.stringify({ ...holder, url }))
  },
  release: () => {
    if (parse(read(file))?.pid === holder.pid) rmSync(file, { force: true })
  },
})

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

const parse = (text: string): Holder | undefined => {
  try {
    return Holder.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** Two starts may find the same stale lock: what is moved away must still be it, else it goes back. */
const removeExactly = (file: string, text: string): void => {
  const aside = `${file}.${process.pid}`
  try {
    renameSync(file, aside)
  } catch {
    return
  }
  if (read(aside) === text) rmSync(aside, { force: true })
  else renameSync(aside, file)
}

const replace = (file: string, text: string): void => {
  const next = `${file}.${process.pid}`
  writeFileSync(next, text, { mode: 0o600 })
  renameSync(next, file)
}
