// A Redis of the benchmark's own, with the shared settings, and what it counts about itself.
import { Redis } from 'ioredis'
import { startTestRedis } from '../../test/support/redis-server.ts'

/** Redis's own account. Commands count those inside scripts too; CPU is user and system of the server. */
export interface Counts {
  commands: number
  cpuUs: number
  connections: number
  memoryBytes: number
}

export interface BenchRedis {
  readonly url: string
  /** For filling and looking; its commands count like all others. */
  readonly client: Redis
  counts(): Promise<Counts>
  /** What `work` made Redis do; the two readings themselves are taken off. */
  during<T>(work: () => Promise<T>): Promise<{ result: T; commands: number; cpuUs: number }>
  stop(): Promise<void>
}

const sections = ['cpu', 'stats', 'clients', 'memory']
const parse = (text: string): Counts => {
  const of = (name: string): number => Number(new RegExp(`^${name}:(\\S+)`, 'm').exec(text)?.[1] ?? Number.NaN)
  return {
    commands: of('total_commands_processed'),
    cpuUs: (of('used_cpu_user') + of('used_cpu_sys')) * 1e6,
    connections: of('connected_clients'),
    memoryBytes: of('used_memory'),
  }
}

/** Starts one. Its append-only file is on as everywhere, but never rewritten: that would fall into somebody's slice. */
export const startBenchRedis = async (args: string[] = []): Promise<BenchRedis> => {
  const server = await startTestRedis({ args: ['--auto-aof-rewrite-percentage', '0', ...args] })
  const client = new Redis(server.url, { maxRetriesPerRequest: null, connectionName: 'bench' })
  const counts = async (): Promise<Counts> => parse(String(await client.call('INFO', ...sections)))
  return {
    url: server.url,
    client,
    counts,
    async during(work) {
      const before = await counts()
      const result = await work()
      const after = await counts()
      return { result, commands: after.commands - before.commands - 1, cpuUs: after.cpuUs - before.cpuUs }
    },
    async stop() {
      client.disconnect()
      await server.kill()
      await server.stop()
    },
  }
}
