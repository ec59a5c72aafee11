// The supervisor: keeps worker processes running, and makes known how each of them ended.
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { fact } from '../shared/kernel/event.ts'
import { toIso } from '../shared/kernel/clock.ts'
import type { Kernel } from '../shared/kernel/kernel.ts'
import { createEventLog } from '../shared/stream/log.ts'
import { WorkerOffline, WorkerOnline } from '../shared/workers/contract.ts'
import { createRegistry, workerId } from '../shared/workers/registry.ts'
import { SHUT_DOWN } from './exits.ts'
import type { Ending } from './exits.ts'
import { createWard } from './ward.ts'
import type { Ward } from './ward.ts'

export interface SupervisorOptions {
  /** Worker processes to keep running. */
  workers: number
  /** What a worker process runs. */
  worker: URL
  /** What the recorder's process runs; none unless given. */
  recorder?: URL
  execArgv?: readonly string[]
  env?: NodeJS.ProcessEnv
  /** ms between ticks; 1,000. Twenty silent ones and a process is killed. */
  tickMs?: number
  silentTicksMax?: number
  /** Shortest and longest wait before a process is started again, in ms; 250 and 10,000. */
  restartMs?: { min: number; max: number }
}

export interface Supervisor {
  /** Resolves when every worker process takes jobs. */
  start(): Promise<void>
  /** Asks all to stop, kills what still runs 5 s after the grace period. Ends although Redis has gone. */
  stop(): Promise<void>
  /** The worker processes that run now. */
  workers(): { id: string; pid: number }[]
}

const KILL_AFTER_MS = 5_000
/** Redis may have gone for good: whoever ends does not wait longer to write down who left. Their beats end all the same. */
const WRITTEN_MS = 2_000
/** A process that lived this long starts again at once. */
const SOUND_MS = 30_000

export const createSupervisor = (kernel: Kernel, options: SupervisorOptions): Supervisor => {
  const { tickMs = 1_000, silentTicksMax = 20, execArgv = [], env } = options
  const people = createPeople(kernel)
  const stopping = new AbortController()
  const wards = new Set<Ward>()
  const named = new Map<Ward, string>()
  let ticks: NodeJS.Timeout | undefined

  const startOne = (module: URL, onReady: () => void, isWorker: boolean, failures = 0): void => {
    if (stopping.signal.aborted) return
    const begun = kernel.clock.now()
    const random = randomBytes(4).toString('hex')
    const ward = createWard({
      module,
      args: [random],
      execArgv,
      ...(env === undefined ? {} : { env }),
      silentTicksMax,
      onReady: (queues) => {
        if (isWorker) people.online(id, queues)
        onReady()
      },
      onEnd: (ending) => {
        wards.delete(ward)
        named.delete(ward)
        if (isWorker) people.offline(id, ending)
        kernel.log[ending.byItself ? 'error' : 'info']('a process ended', { id, exit: ending.exit })
        // It comes back when the service is started again.
        if (ending.exit === SHUT_DOWN) return
        const sound = kernel.clock.now() - begun >= SOUND_MS
        void restart(module, isWorker, sound ? 0 : failures)
      },
    })
    const id = workerId(hostname(), ward.pid, random)
    wards.add(ward)
    if (isWorker) named.set(ward, id)
  }

  const restart = async (module: URL, isWorker: boolean, failures: number): Promise<void> => {
    const { min, max } = options.restartMs ?? { min: 250, max: 10_000 }
    await kernel.clock.sleep(Math.min(max, min * 2 ** failures), stopping.signal)
    startOne(module, () => undefined, isWorker, failures + 1)
  }

  return {
    async start() {
      ticks = setInterval(() => wards.forEach((ward) => ward.tick()), tickMs)
      if (options.recorder) startOne(options.recorder, () => undefined, false)
      await atWork(options.workers, (onReady) => startOne(options.worker, onReady, true))
    },
    async stop() {
      stopping.abort('stopped')
      const workers = [...named.keys()]
      await end(kernel, workers, kernel.settings.K1N_SHUTDOWN_GRACE_MS + KILL_AFTER_MS)
      // The recorder last: it still writes down how the last jobs ended.
      await end(kernel, [...wards], KILL_AFTER_MS)
      clearInterval(ticks)
      const over = new AbortController()
      await Promise.race([people.written(), kernel.clock.sleep(WRITTEN_MS, over.signal)])
      over.abort('written')
    },
    workers: () => [...named].map(([ward, id]) => ({ id, pid: ward.pid })),
  }
}

/** Resolves when `count` processes have said that they are ready, each for the first time. */
const atWork = (count: number, startOne: (onReady: () => void) => void): Promise<void> =>
  new Promise((resolve) => {
    let ready = 0
    const onReady = (): void => {
      if (++ready === count) resolve()
    }
    for (let index = 0; index < count; index++) startOne(onReady)
  })

const end = async (kernel: Kernel, wards: readonly Ward[], patienceMs: number): Promise<void> => {
  const over = new AbortController()
  for (const ward of wards) ward.stop()
  void kernel.clock.sleep(patienceMs, over.signal).then(() => {
    if (!over.signal.aborted) for (const ward of wards) ward.kill()
  })
  await Promise.all(wards.map((ward) => ward.ended))
  over.abort('ended')
}

/** Writes down who came and who went, in that order. Redis may be away meanwhile: then it is written later. */
const createPeople = (kernel: Kernel) => {
  const registry = createRegistry(kernel)
  const events = createEventLog(kernel)
  const queuesOf = new Map<string, readonly string[]>()
  let writing = Promise.resolve()
  const write = (task: () => Promise<unknown>): void => {
    writing = writing
      .then(task)
      .then(() => undefined)
      .catch((error: unknown) => kernel.log.error('it could not be written down who works', { error }))
  }
  const about = (id: string) => {
    const now = kernel.clock.now()
    const queues = [...(queuesOf.get(id) ?? [])]
    return { now, data: { worker_id: id, queues, host: hostname(), last_seen_at: toIso(now) } }
  }
  return {
    online(id: string, queues: readonly string[]): void {
      queuesOf.set(id, queues)
      const { now, data } = about(id)
      write(() => events.append([fact(WorkerOnline, now, data)]))
    },
    offline(id: string, { exit, byItself }: Ending): void {
      const { now, data } = about(id)
      queuesOf.delete(id)
      write(() => registry.ended(id, { exit, by_itself: byItself, at: now }))
      write(() => events.append([fact(WorkerOffline, now, { ...data, exit })]))
    },
    written: (): Promise<void> => writing,
  }
}
