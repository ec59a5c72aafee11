// Reads what a job is explained by: a bounded number of commands, whatever the queue holds.
import { attemptField, historyKey } from '../attempts/history-key.ts'
import { Attempt } from '../attempts/contract.ts'
import type { Bull, RawJob, StatedJob } from '../bullmq/bullmq.ts'
import { FIELDS_WITH_STACK, parseJson } from '../bullmq/raw-job.ts'
import { parkingOf, stateOf } from '../jobs/state.ts'
import type { Address } from '../kernel/ids.ts'
import { formatAddress } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { readOutPerMin } from '../metrics/rate.ts'
import { readAround } from '../queues/around.ts'
import type { Registry } from '../workers/registry.ts'
import type { Facts, Memory, MoreFacts } from './facts.ts'

export interface ExplainNeeds {
  bull: Bull
  registry: Registry
}

/** Everything about one job; undefined when BullMQ has no such job. */
export const readFacts = async (kernel: Kernel, needs: ExplainNeeds, address: Address): Promise<Facts | undefined> => {
  const { bull } = needs
  const [[stated], around] = await Promise.all([
    bull.readStated([address], FIELDS_WITH_STACK),
    readAround(kernel, bull, [address.queue]),
  ])
  if (!stated) return undefined
  const here = around.get(address.queue)
  // Redis's own clock, by which locks, delays and windows are measured.
  const now = Math.floor(stated.readAt / 1_000)
  return {
    now,
    stated,
    state: stateOf(stated, here?.held),
    parking: parkingOf(stated, here?.held),
    around: here,
    more: await readMore(kernel, needs, stated, now),
  }
}

const readMore = async (
  kernel: Kernel,
  { bull, registry }: ExplainNeeds,
  { state, job }: StatedJob,
  now: number,
): Promise<MoreFacts> => {
  const [circumstances, crew, workers, outPerMin, info, children, runner, last] = await Promise.all([
    bull.circumstances(job),
    bull.crew(job.queue),
    registry.list(),
    readOutPerMin(kernel, job.queue, now),
    kernel.redis.info('memory'),
    state === 'waiting_children' ? bull.children(job) : undefined,
    state === 'active' && job.processedBy?.startsWith('w_') ? registry.about(job.processedBy) : undefined,
    state === 'delayed' ? readLast(kernel, job) : undefined,
  ])
  return {
    circumstances,
    crew,
    processes: workers.filter(({ slots }) => Object.hasOwn(slots, job.queue)),
    outPerMin,
    memory: memoryOf(info),
    children,
    runner,
    last,
  }
}

/** What maxmemory is compared with leaves out what Redis needs for its replicas and its log. */
const memoryOf = (info: string): Memory => {
  const of = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0)
  return {
    usedBytes: of('used_memory') - of('mem_not_counted_for_evict'),
    maxBytes: of('maxmemory'),
    refuses: /^maxmemory_policy:noeviction/m.test(info),
  }
}

/** How the last start ended, as it was recorded: put back, or failed as one of our workers or BullMQ's hash told. */
const readLast = async (kernel: Kernel, job: RawJob): Promise<Attempt | undefined> => {
  const { attemptsMade: made, processedOn } = job
  if (processedOn === undefined) return undefined
  const texts = await kernel.redis.hmget(
    historyKey(kernel, formatAddress(job)),
    attemptField(made + 1, processedOn),
    attemptField(made, processedOn),
    attemptField(made, job.timestamp + job.attemptsBefore),
  )
  const known = texts.find((text) => text !== null)
  return known === undefined ? undefined : Attempt.safeParse(parseJson(known)).data
}
