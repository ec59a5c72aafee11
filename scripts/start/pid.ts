// Other processes: whether one lives, what it runs, and waiting until it is gone.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'

/** The command line of a living process; empty when there is none (a zombie has none either). */
export const commandOf = (pid: number): string => {
  if (!exists(pid)) return ''
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
  } catch {
    return spawnSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' }).stdout.trim()
  }
}

const exists = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Asks every 50 ms until the condition holds; false when it does not within the time. */
export const within = async (ms: number, holds: () => boolean | Promise<boolean>): Promise<boolean> => {
  const deadline = Date.now() + ms
  while (Date.now() < deadline) {
    if (await holds()) return true
    await wait(50)
  }
  return holds()
}
