// What Linux counts: the CPU a process used, how much of the machine was idle and how much its host took away.
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'

/** /proc counts in hundredths of a second, on every Linux there is. */
const US_PER_TICK = 10_000

/** CPU time a process has used so far, user and system, all its threads, in µs (exact to 10 ms). Zero when it is gone. */
export const processCpuUs = (pid: number): number => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name may hold spaces and brackets; what follows its last bracket are numbers, the state first.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * US_PER_TICK
  } catch {
    return 0
  }
}

/** Memory a process holds now, in bytes. */
export const processRss = (pid: number): number => {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]
  return Number(kib ?? 0) * 1_024
}

interface Ticks {
  idle: number
  steal: number
  all: number
}

const ticks = (): Ticks => {
  const [line = ''] = readFileSync('/proc/stat', 'latin1').split('\n')
  const fields = line.trim().split(/\s+/).slice(1, 9).map(Number)
  const [, , , idle = 0, waiting = 0, , , steal = 0] = fields
  return { idle: idle + waiting, steal, all: fields.reduce((sum, value) => sum + value, 0) }
}

/** How busy the machine was, in percent of all its cores. */
export interface Load {
  idle: number
  steal: number
}

export interface LoadMeter {
  /** Counts the time that `work` takes; what lies between (filling, starting) does not count. */
  during<T>(work: () => Promise<T>): Promise<T>
  read(): Load
}

export const createLoadMeter = (): LoadMeter => {
  const sum: Ticks = { idle: 0, steal: 0, all: 0 }
  return {
    async during(work) {
      const before = ticks()
      const result = await work()
      const after = ticks()
      for (const key of ['idle', 'steal', 'all'] as const) sum[key] += after[key] - before[key]
      return result
    },
    read: () => ({ idle: (100 * sum.idle) / Math.max(1, sum.all), steal: (100 * sum.steal) / Math.max(1, sum.all) }),
  }
}

/** One line about where the figures come from. */
export const describeMachine = (): string =>
  `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), Node ${process.versions.node}`
