// What the living workers of one version touch: queues, jobs that nobody else has code for, services, and who waits for what they run.
import type { Bull } from '../bullmq/bullmq.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import type { Catalog } from '../catalog/kind.ts'
import { findKind } from '../catalog/catalog.ts'
import { toIso } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { WorkerMissing } from '../workers/contract.ts'
import type { Registry, WorkerInfo } from '../workers/registry.ts'
import type { VersionTouches } from './contract.ts'
import { flowsOf } from './flows.ts'

export interface VersionNeeds {
  kernel: Kernel
  bull: Bull
  catalog: Catalog
  registry: Pick<Registry, 'list'>
}

type Seeing = { queues: readonly string[] }

const SHOWN = 50

/** Problem: `worker-not-found` where no worker of the version lives that works on a queue the principal may see. */
export const touchesOfVersion = async (
  needs: VersionNeeds,
  principal: Seeing,
  version: string,
): Promise<VersionTouches> => {
  const { kernel, bull, catalog, registry } = needs
  const sees = (queue: string): boolean => allowsQueue(principal, queue)
  const seen = (await registry.list()).filter(({ slots }) => Object.keys(slots).some(sees))
  const [ours, others] = [seen.filter(is(version)), seen.filter((info) => !is(version)(info))]
  if (ours.length === 0)
    throw WorkerMissing(`No worker of the version ${version} lives; the list of workers names them.`)
  const queues = [...new Set(ours.flatMap(({ slots }) => Object.keys(slots)))].filter(sees)
  const counts = await bull.counts(queues)
  const working = others.filter(({ state }) => state === 'running')
  const active = ours.flatMap((info) => info.active).filter(({ queue }) => sees(queue))
  const running = ours.reduce((sum, info) => sum + runningOf(info, sees), 0)
  const rows = queues.map((queue) => ({
    queue,
    slots: slotsOf(ours, queue),
    other_slots: slotsOf(working, queue),
    waiting: (counts.get(queue)?.waiting ?? 0) + (counts.get(queue)?.prioritized ?? 0),
    running: active.filter((job) => job.queue === queue).length,
    only_here: onlyHere(ours, working, catalog, queue).slice(0, SHOWN),
  }))
  return {
    ...{ version, at: toIso(kernel.clock.now()) },
    workers: ours.slice(0, SHOWN).map((info) => ({ id: info.id, state: info.state, running: runningOf(info, sees) })),
    workers_total: ours.length,
    running,
    queues: rows.sort(byNeed).slice(0, SHOWN),
    queues_total: rows.length,
    services: servicesOf(ours, catalog, sees),
    flows: { ...(await flowsOfActive(needs, principal, active)), of: running },
  }
}

/** A worker names a hundred of the jobs it runs; how many there are it knows of all its queues together. */
const runningOf = ({ slots, running, active }: WorkerInfo, sees: (queue: string) => boolean): number =>
  Object.keys(slots).every(sees) ? running : active.filter(({ queue }) => sees(queue)).length

const is =
  (version: string) =>
  (info: WorkerInfo): boolean =>
    info.version === version

const slotsOf = (workers: readonly WorkerInfo[], queue: string): number =>
  workers.reduce((sum, { slots }) => sum + (slots[queue] ?? 0), 0)

type Row = VersionTouches['queues'][number]
const byNeed = (one: Row, other: Row): number =>
  one.other_slots - other.other_slots || other.waiting - one.waiting || (one.queue < other.queue ? -1 : 1)

/** Names of kinds of the queue. Workers of older versions do not tell names: with one of them there is nothing to say. */
const onlyHere = (
  ours: readonly WorkerInfo[],
  working: readonly WorkerInfo[],
  catalog: Catalog,
  queue: string,
): string[] => {
  const beside = working.filter(({ slots }) => Object.hasOwn(slots, queue))
  if (beside.some(({ names }) => names === undefined)) return []
  const elsewhere = new Set(beside.flatMap(({ names = [] }) => names))
  return namesOf(ours).filter((name) => !elsewhere.has(name) && findKind(name, catalog)?.queue === queue)
}

const namesOf = (workers: readonly WorkerInfo[]): string[] =>
  [...new Set(workers.flatMap(({ names = [] }) => names))].sort()

const servicesOf = (
  workers: readonly WorkerInfo[],
  catalog: Catalog,
  sees: (queue: string) => boolean,
): VersionTouches['services'] => {
  const kinds = namesOf(workers).flatMap((name) => findKind(name, catalog) ?? [])
  const byService = Map.groupBy(kinds.filter(({ service, queue }) => service !== undefined && sees(queue)), ({ service = '' }) => service) // prettier-ignore
  return [...byService].map(([service, of]) => ({ service, names: of.map(({ name }) => name) }))
}

const flowsOfActive = async (
  { kernel, bull }: VersionNeeds,
  principal: Seeing,
  active: WorkerInfo['active'],
): Promise<Omit<VersionTouches['flows'], 'of'>> => {
  const jobs = await bull.readRaw(active, ['name', 'timestamp', 'parentKey'])
  const children = jobs.flatMap((job) => (job === undefined ? [] : [{ job, parked: false }]))
  const flows = await flowsOf({ kernel, bull }, principal, children)
  return { ...flows, looked_at: children.length }
}
