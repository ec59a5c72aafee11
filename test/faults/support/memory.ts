// What processes hold in memory once they have cleared away what they no longer need: what is left of growth is a leak.
import { existsSync, readFileSync } from 'node:fs'
import { until } from './until.ts'

/** By process id. */
export type Weights = Map<number, { name: string; bytes: number }>

/** Asks processes, by a signal that `programs/hook.ts` hears, and reads what they answer. Ended ones are left out. */
export const weighProcesses = async (path: string, names: ReadonlyMap<number, string>): Promise<Weights> => {
  const before = lines(path).length
  const asked = [...names.keys()].filter(ask)
  const answers = () => new Map(lines(path).slice(before))
  const all = () => asked.every((pid) => answers().has(pid))
  await until('every process has told what it holds', all, 5_000).catch(() => undefined)
  return new Map([...answers()].map(([pid, bytes]) => [pid, { name: names.get(pid) ?? String(pid), bytes }]))
}

const ask = (pid: number): boolean => {
  try {
    return process.kill(pid, 'SIGUSR2')
  } catch {
    return false
  }
}

const lines = (path: string): [pid: number, bytes: number][] => {
  if (!existsSync(path)) return []
  const text = readFileSync(path, 'utf8').trim()
  return text === '' ? [] : text.split('\n').map((line) => line.split(' ').map(Number) as [number, number])
}
