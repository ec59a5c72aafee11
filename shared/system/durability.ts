// How safe an accepted job is right now: what Redis is told to keep, looked at when starting and once a minute.
import type { Kernel } from '../kernel/kernel.ts'
import { loop } from '../kernel/service.ts'
import type { Service } from '../kernel/service.ts'

/** `process`: survives crashes of processes; `disk`: also power loss; `none`: Redis keeps nothing; `unknown`: it does not say. */
export type DurabilityLevel = 'process' | 'disk' | 'replica' | 'none' | 'unknown'

const CHECK_EVERY_MS = 60_000
const RETRY_MS = 1_000

export interface Durability extends Service {
  readonly level: DurabilityLevel
  /** What is not as it should be, one sentence each; empty when all is well. */
  readonly warnings: readonly string[]
  /** Looks now. Throws what Redis throws. */
  check(): Promise<DurabilityLevel>
}

export interface RedisSettings {
  appendonly?: string
  appendfsync?: string
  policy?: string
}

/** The level a set of Redis settings gives. */
export const levelOf = ({ appendonly, appendfsync }: RedisSettings): DurabilityLevel => {
  if (appendonly === undefined) return 'unknown'
  if (appendonly !== 'yes') return 'none'
  return appendfsync === 'always' ? 'disk' : appendfsync === 'everysec' ? 'process' : 'none'
}

const warningsOf = ({ appendonly, policy }: RedisSettings): string[] => [
  ...(appendonly !== undefined && appendonly !== 'yes'
    ? ['Redis keeps no append-only file: accepted jobs are lost when it restarts.']
    : []),
  ...(policy !== undefined && policy !== 'noeviction'
    ? [`maxmemory-policy is ${policy}: Redis may throw jobs away; set noeviction.`]
    : []),
]

const read = async (kernel: Kernel): Promise<RedisSettings> => {
  // INFO is allowed where CONFIG is forbidden, as at most providers, and tells two of the three.
  const [info, config] = await Promise.all([
    kernel.redis.info(),
    (kernel.redis.config('GET', 'appendfsync') as Promise<string[]>).catch(() => []),
  ])
  const appendonly = /aof_enabled:(\d)/.exec(info)?.[1]
  const policy = /maxmemory_policy:(\S+)/.exec(info)?.[1]
  return {
    ...(appendonly === undefined ? {} : { appendonly: appendonly === '1' ? 'yes' : 'no' }),
    ...(config[1] === undefined ? {} : { appendfsync: config[1] }),
    ...(policy === undefined ? {} : { policy }),
  }
}

export const createDurability = (kernel: Kernel): Durability => {
  let level: DurabilityLevel = 'unknown'
  let warnings: string[] = []
  const check = async (): Promise<DurabilityLevel> => {
    const settings = await read(kernel)
    const found = warningsOf(settings)
    for (const warning of found) if (!warnings.includes(warning)) kernel.log.warn(warning)
    warnings = found
    level = settings.appendonly === 'yes' && settings.appendfsync === undefined ? 'unknown' : levelOf(settings)
    return level
  }
  const service = loop('durability', async (signal) => {
    while (!signal.aborted) {
      const known = await check().then(
        () => true,
        () => false,
      )
      await kernel.clock.sleep(known ? CHECK_EVERY_MS : RETRY_MS, signal)
    }
  })
  return {
    ...service,
    check,
    get level() {
      return level
    },
    get warnings() {
      return warnings
    },
  }
}
