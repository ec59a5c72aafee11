// Runs a worker process under its supervisor: says that it lives, stops in order when told, ends when it is an orphan.
import { hostname } from 'node:os'
import type { AnyHandlers } from '../shared/catalog/handler.ts'
import type { Catalog } from '../shared/catalog/kind.ts'
import type { Kernel } from '../shared/kernel/kernel.ts'
import { exitWithParent } from '../shared/kernel/parent.ts'
import { workerId } from '../shared/workers/registry.ts'
import { SHUT_DOWN } from './exits.ts'
import { tellParent } from './ipc.ts'
import { createWorkerProcess } from './process.ts'
import type { WorkerProcessOptions } from './process.ts'

export interface ChildOptions extends Omit<
  WorkerProcessOptions,
  'workerId' | 'onHang' | 'onShutdown' | 'catalog' | 'handlers'
> {
  catalog: Catalog
  handlers: AnyHandlers
  /** Lets go of what the handlers hold, when all jobs have ended. */
  close?: () => Promise<void> | void
}

const ALIVE_EVERY_MS = 1_000

/** Resolves when the process takes jobs. Its supervisor gave the random part of its name as the first argument. */
export const runChild = async (kernel: Kernel, options: ChildOptions): Promise<void> => {
  const leave = async (because: string, graceMs?: number): Promise<void> => {
    tellParent({ type: 'leaving', because })
    await worker.stop(graceMs).catch(() => undefined)
    await options.close?.()
    await kernel.close()
    process.exit(0)
  }
  const worker = createWorkerProcess(kernel, {
    ...options,
    workerId: workerId(hostname(), process.pid, process.argv[2] ?? 'alone'),
    onShutdown: (graceMs) => void leave(SHUT_DOWN, graceMs),
    onHang(queue) {
      kernel.log.error('jobs wait and none is fetched: this process ends and is replaced', { queue })
      // Its connections may be what hangs: it is not stopped in order, its jobs stall and run elsewhere.
      tellParent({ type: 'leaving', because: 'no fetch' })
      setImmediate(() => process.exit(1))
    },
  })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void leave('stopped'))
  exitWithParent(() => worker.stop(1_000))
  setInterval(() => tellParent({ type: 'alive' }), ALIVE_EVERY_MS).unref()
  tellParent({ type: 'alive' })
  await worker.start()
  tellParent({ type: 'ready', queues: Object.keys(worker.fleet.slots) })
}
