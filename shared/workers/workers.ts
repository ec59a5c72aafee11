// Worker processes: who they are, what they do, and operations that pause them and shut them down.
import type { Principal } from '../auth/contract.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import { toIso } from '../kernel/clock.ts'
import { formatAddress } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { ResourceForbidden } from '../kernel/problems.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import type { Operations } from '../operations/operations.ts'
import type { Operation } from '../operations/words.ts'
import { WorkerEnded, WorkerMissing } from './contract.ts'
import type { Worker } from './contract.ts'
import type { Registry, WorkerInfo } from './registry.ts'

/** A worker none of whose queues the principal may see does not exist for it. */
export interface Workers {
  /** Oldest first; those that fell silent last. */
  list(principal: Principal): Promise<Worker[]>
  /** Problem: `worker-not-found`. */
  show(principal: Principal, id: string): Promise<Worker>
  /** Problems of these: `worker-not-found`, `worker-ended`, `resource-forbidden` for one that also works on queues the
   *  principal may not use. */
  pause(principal: Principal, id: string, timeoutMs?: number): Promise<Operation>
  resume(principal: Principal, id: string): Promise<Operation>
  shutdown(principal: Principal, id: string, timeoutMs?: number): Promise<Operation>
}

export interface WorkersNeeds {
  registry: Registry
  operations: Operations
}

const PAUSE_MS = 30_000

export const createWorkers = (kernel: Kernel, { registry, operations }: WorkersNeeds): Workers => {
  const isSeen = (principal: Principal, info: WorkerInfo): boolean =>
    Object.keys(info.slots).some((queue) => allowsQueue(principal, queue))
  const list = async (principal: Principal): Promise<Worker[]> => {
    const { alive, silent } = await registry.everyone()
    const seen = (infos: WorkerInfo[]): WorkerInfo[] => infos.filter((info) => isSeen(principal, info))
    return [
      ...seen(alive).map((info) => present(principal, info)),
      ...seen(silent).map((info) => present(principal, info, true)),
    ]
  }
  const show = async (principal: Principal, id: string): Promise<Worker> => {
    const worker = (await list(principal)).find((each) => each.id === id)
    if (worker) return worker
    const exit = await registry.howEnded(id)
    throw WorkerMissing(
      exit
        ? `The worker ${id} has ended (${exit.exit}, ${toIso(exit.at)}); the list names those that live.`
        : `There is no worker ${id}; the list names those that live.`,
    )
  }
  /** Refuses what cannot be steered. */
  const steerable = async (principal: Principal, id: string): Promise<void> => {
    const info = await registry.find(id)
    if (!info || !isSeen(principal, info)) return refuseGone(principal, id)
    const other = Object.keys(info.slots).find((queue) => !allowsQueue(principal, queue))
    if (other === undefined) return
    throw ResourceForbidden(
      `The worker ${id} also works on queues that your key may not use; ask with one that may use all of its queues.`,
    )
  }
  const refuseGone = async (principal: Principal, id: string): Promise<never> => {
    const [exit, silent] = await Promise.all([registry.howEnded(id), registry.silent()])
    if (exit)
      throw WorkerEnded(`The worker ${id} has ended (${exit.exit}, ${toIso(exit.at)}): nothing can be asked of it.`)
    const last = silent.find((info) => info.id === id && isSeen(principal, info))
    if (last)
      throw WorkerEnded(
        `Nothing is heard of the worker ${id} since ${toIso(last.last_seen_at)}; its jobs go to others. Look at its host, ${last.host}.`,
      )
    throw WorkerMissing(`There is no worker ${id}; the list names those that live.`)
  }
  const turn = async (principal: Principal, id: string, kind: string, timeoutMs: number): Promise<Operation> => {
    await steerable(principal, id)
    return operations.start(principal, { kind, params: { worker_id: id, timeout_ms: timeoutMs } })
  }
  const graceMs = kernel.settings.K1N_SHUTDOWN_GRACE_MS
  return {
    list: (principal) => guardRedis(list(principal), 'read'),
    show: (principal, id) => guardRedis(show(principal, id), 'read'),
    pause: (principal, id, timeoutMs = PAUSE_MS) => guardRedis(turn(principal, id, 'worker.pause', timeoutMs)),
    resume: (principal, id) => guardRedis(turn(principal, id, 'worker.resume', 0)),
    shutdown: (principal, id, timeoutMs = graceMs) => guardRedis(turn(principal, id, 'worker.shutdown', timeoutMs)),
  }
}

const present = (principal: Principal, info: WorkerInfo, isSilent = false): Worker => {
  const { id, host, pid, version, running, rss_bytes, event_loop_lag_ms, last_fetch_at } = info
  const slots = Object.entries(info.slots).filter(([queue]) => allowsQueue(principal, queue))
  return {
    ...{ id, host, pid, version, running, rss_bytes, event_loop_lag_ms },
    state: isSilent ? 'silent' : info.state,
    queues: slots.map(([queue]) => queue),
    slots: Object.fromEntries(slots),
    concurrency: slots.reduce((sum, [, count]) => sum + count, 0),
    active: info.active
      .filter(({ queue }) => allowsQueue(principal, queue))
      .map(({ queue, id: job, name, started_at }) => ({
        ...{ task_id: formatAddress({ queue, id: job }), queue, name },
        started_at: toIso(started_at),
      })),
    started_at: toIso(info.started_at),
    last_seen_at: toIso(info.last_seen_at),
    last_fetch_at: last_fetch_at === null ? null : toIso(last_fetch_at),
  }
}
