// The stage of a fault: a Redis, a network that can be broken, an API, workers and recorder, all of their own processes.
import { join } from 'node:path'
import { startTestRedis } from '../../support/redis-server.ts'
import type { TestRedis, TestRedisOptions } from '../../support/redis-server.ts'
import { QUEUE } from '../programs/catalog.ts'
import { createApiClient } from './api-client.ts'
import type { ApiClient } from './api-client.ts'
import { createCensus } from './census.ts'
import type { Census } from './census.ts'
import { adminKey, environment } from './environment.ts'
import type { Death, Memory, Outage } from './evidence.ts'
import type { Ground } from './ground.ts'
import { openAckLedger } from './ledger.ts'
import { startListener } from './listener.ts'
import type { Listener } from './listener.ts'
import { createProbes } from './probes.ts'
import type { Probes } from './probes.ts'
import { startProducers } from './producers.ts'
import type { Producers, ProducersOptions } from './producers.ts'
import { weighProcesses } from './memory.ts'
import type { Weights } from './memory.ts'
import { childrenOf, killProcess, startProgram } from './program.ts'
import type { ChildProcessInfo, Exit, Program } from './program.ts'
import { startProxy } from './proxy.ts'
import type { Proxy } from './proxy.ts'

export interface StageOptions {
  /** Worker processes of one fleet; 3. */
  workers?: number
  /** Fleets, each a supervisor of its own; 1. */
  fleets?: number
  /** Jobs one process runs at once; 10. */
  concurrency?: number
  graceMs?: number
  /** Instead of the locks k1n ships, where two must run out within a minute. */
  locks?: { lockDuration: number; stalledInterval: number }
  /** Instead of the recorder's lease of 10 s, where it changes hands many times. */
  leaseMs?: number
  redis?: TestRedisOptions
  /** Further settings of every program. */
  env?: Record<string, string>
}

export interface Stage {
  readonly ground: Ground
  readonly redis: TestRedis
  readonly proxy: Proxy
  readonly census: Census
  readonly client: ApiClient
  /** The key that client shows; it may do everything. */
  readonly key: string
  readonly api: Program
  /** Every program that was started, ended ones too. */
  readonly programs: readonly Program[]
  /** Fleets that run. */
  readonly fleets: readonly Program[]
  readonly deaths: Death[]
  readonly outages: Outage[]
  readonly ledgers: { acks: string; executions: string; tenures: string; leases: string; memory: string }
  readonly producers: Producers | undefined
  readonly listener: Listener | undefined
  readonly probes: Probes
  /** Worker processes that run now, of all fleets. */
  workers(): ChildProcessInfo[]
  /** Recorders of the fleets that run now. */
  recorders(): number[]
  /** SIGKILL, written down. */
  kill(pid: number): Death
  /** One more fleet; `otherwise` are settings in which it differs from the others. */
  startFleet(otherwise?: Record<string, string>): Promise<Program>
  /** The same without waiting until it takes jobs. */
  launchFleet(otherwise?: Record<string, string>): Program
  /** One more recorder beside those of the fleets. */
  startRecorder(): Promise<Program>
  /** One more API beside the others, and a client of it whose answers are judged with those of `client`. */
  startApi(otherwise?: Record<string, string>): Promise<ApiClient>
  /** Starts another API, moves clients there and stops the old one. Resolves with how that ended. */
  replaceApi(): Promise<Exit>
  /** Kills the API, starts another and moves clients there. */
  killApi(): Promise<void>
  /** The standard load: producers and a listener. Resolves when the first jobs have been done. */
  startLoad(options: Pick<ProducersOptions, 'job'> & Partial<ProducersOptions>): Promise<void>
  /** Writes down what processes hold in memory while all is well. */
  weigh(): Promise<void>
  /** What those that lived through it held then and hold now. */
  memory(): Promise<Memory[]>
  /** Keeps a moment under a name; `at` gives it back. */
  mark(name: string): number
  at(name: string): number
}

/** Starts everything and resolves when jobs can be asked for and done. The ground takes it down. */
export const createStage = async (ground: Ground, options: StageOptions = {}): Promise<Stage> => {
  const { dir } = ground
  const redis = await startTestRedis({ dir: join(dir, 'redis'), ...options.redis })
  ground.onClose(() => redis.stop())
  const proxy = await startProxy(redis.port)
  ground.onClose(() => proxy.close())
  const census = createCensus(redis.url)
  ground.onClose(async () => census.close())
  const ledgers = {
    acks: join(dir, 'acks.ndjson'),
    executions: join(dir, 'executions.ndjson'),
    tenures: join(dir, 'tenures'),
    leases: join(dir, 'leases'),
    memory: join(dir, 'memory'),
  }
  const env = environment(proxy.url, ledgers, dir, options)
  const programs: Program[] = []
  const start = (name: string, script: string, otherwise: Record<string, string> = {}): Program => {
    const program = startProgram({ name, script, env: { ...env, ...otherwise }, dir })
    programs.push(program)
    ground.onClose(async () => (program.isRunning ? program.stop(10_000) : undefined))
    return program
  }
  const launchFleet = (otherwise?: Record<string, string>): Program =>
    start(`workers-${programs.length}`, 'workers/main.ts', otherwise)
  const startFleet = async (otherwise?: Record<string, string>): Promise<Program> => {
    const fleet = launchFleet(otherwise)
    await fleet.ready
    return fleet
  }
  const startRecorder = async (): Promise<Program> => {
    const recorder = start(`recorder-${programs.length}`, 'workers/recorder-main.ts')
    await recorder.ready
    return recorder
  }
  const apis = [start('api', 'api/main.ts')]
  const api = (): Program => apis.at(-1) as Program
  const [{ url }] = await Promise.all([api().ready, ...Array.from({ length: options.fleets ?? 1 }, () => startFleet())])
  const client = createApiClient(String(url), adminKey)
  ground.onClose(() => client.close())

  const startApi = async (otherwise?: Record<string, string>): Promise<ApiClient> => {
    const { ready } = start(`api-${programs.length}`, 'api/main.ts', otherwise)
    const further = createApiClient(String((await ready)['url']), adminKey, client.statuses)
    ground.onClose(() => further.close())
    return further
  }
  const nextApi = async (): Promise<void> => {
    apis.push(start(`api-${programs.length}`, 'api/main.ts'))
    client.moved(String((await api().ready)['url']))
  }
  const replaceApi = async (): Promise<Exit> => {
    const old = api()
    await nextApi()
    return old.stop()
  }
  const killApi = async (): Promise<void> => {
    killProcess(api().pid)
    await api().exited
    await nextApi()
  }
  const stage = assemble({
    ground,
    redis,
    proxy,
    census,
    client,
    api,
    programs,
    ledgers,
    startFleet,
    launchFleet,
    startRecorder,
    startApi,
    replaceApi,
    killApi,
  })
  ground.onClose(async () => stage.probes.stop())
  return stage
}

type Given = 'ground' | 'redis' | 'proxy' | 'census' | 'client' | 'programs' | 'ledgers'
type Parts = Pick<
  Stage,
  Given | 'startFleet' | 'launchFleet' | 'startRecorder' | 'startApi' | 'replaceApi' | 'killApi'
> & {
  api: () => Program
}

const assemble = (parts: Parts): Stage => {
  const { ground, client, programs, ledgers, api } = parts
  const deaths: Death[] = []
  const marks = new Map<string, number>()
  let weighed: Weights = new Map()
  let producers: Producers | undefined
  let listener: Listener | undefined
  const fleets = (): Program[] => programs.filter(({ name, isRunning }) => name.startsWith('workers') && isRunning)
  const childrenNamed = (script: string): ChildProcessInfo[] =>
    fleets().flatMap(({ pid }) => childrenOf(pid).filter(({ command }) => command.includes(script)))
  const workers = (): ChildProcessInfo[] => childrenNamed('workers/child.ts')
  watchDeaths(ground, workers, deaths)

  return {
    ...parts,
    key: adminKey,
    get api() {
      return api()
    },
    deaths,
    outages: [],
    probes: createProbes(client),
    get fleets() {
      return fleets()
    },
    get producers() {
      return producers
    },
    get listener() {
      return listener
    },
    workers,
    recorders: () => childrenNamed('workers/recorder-main.ts').map(({ pid }) => pid),
    kill(pid) {
      const death = killProcess(pid)
      deaths.push(death)
      return death
    },
    async startLoad(options) {
      const ledger = openAckLedger(ledgers.acks)
      const begun = await startListener(() => client.url, adminKey, ['job:*'])
      ground.onClose(() => begun.stop())
      listener = begun
      const making = startProducers({ api: client, ledger, prefix: `${ground.fault}-${ground.seed}`, ...options })
      producers = making
      ground.onClose(async () => {
        await making.stop()
        await ledger.close()
      })
    },
    async weigh() {
      const names = new Map(workers().map(({ pid }) => [pid, `worker ${pid}`]))
      weighed = await weighProcesses(ledgers.memory, names.set(api().pid, 'api'))
    },
    async memory() {
      const now = await weighProcesses(ledgers.memory, new Map([...weighed].map(([pid, { name }]) => [pid, name])))
      return [...now].map(([pid, { name, bytes }]) => ({
        name,
        beforeBytes: weighed.get(pid)?.bytes ?? 0,
        afterBytes: bytes,
      }))
    },
    mark(name) {
      const now = Date.now()
      marks.set(name, now)
      return now
    },
    at(name) {
      const moment = marks.get(name)
      if (moment === undefined) throw new Error(`nothing was marked as ${name}`)
      return moment
    },
  }
}

/** Looks ten times a second which worker processes have ended, whoever ended them. */
const watchDeaths = (ground: Ground, workers: () => ChildProcessInfo[], deaths: Death[]): void => {
  let known = new Set<number>()
  const look = (): void => {
    const now = new Set(workers().map(({ pid }) => pid))
    for (const pid of known) if (!now.has(pid)) deaths.push({ pid, at: Date.now() })
    known = now
  }
  const timer = setInterval(look, 100)
  ground.onClose(async () => clearInterval(timer))
}

export { QUEUE }
