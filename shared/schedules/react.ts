// Events set schedules off: whoever reports an event is told which jobs it made, and doing it again makes none.
import { matchesData, memberAt } from '../kernel/data-filter.ts'
import { formatAddress, hashId } from '../kernel/ids.ts'
import { matchesName } from '../kernel/name-words.ts'
import { QueueDrained } from '../queues/contract.ts'
import type { Carrying } from './carry.ts'
import { lookAt } from './carry.ts'
import { CLAIM_MS } from './carry-times.ts'
import type { ScheduleRecord } from './definition.ts'
import { decide } from './due.ts'
import { fulfil } from './fulfil.ts'
import { mayHear } from './hears.ts'
import { jobIdOf } from './keys.ts'
import { queueOf } from './queue.ts'
import { beside } from './overlap.ts'
import { skipsOf } from './skips.ts'
import type { Claim, Standing, Step } from './standing.ts'
import { windowOf } from './window.ts'
import type { EventTrigger } from './words.ts'

export interface Happened {
  readonly id: string
  readonly name: string
  /** Epoch ms. */
  readonly at: number
  readonly data: unknown
  /** Whether k1n told it itself, and nobody sent it. */
  readonly isOwn?: boolean
  /** How often what led to it went through k1n before. */
  readonly hop?: number
}

export interface Reaction {
  readonly schedule_id: string
  readonly task_id: string
}

/** Others who do something about the same schedule at the same moment. */
const ROUNDS_MAX = 10

/** Sets off what waits for the event. Of events that are gathered until it is quiet, the answer names the job to come. */
export const react = async (room: Carrying, event: Happened): Promise<Reaction[]> => {
  const records = [...(await room.catalogue.look()).values()].filter((record) => isMeant(room, record, event))
  const started = await Promise.all(records.map((record) => reactOne(room, record.id, event)))
  return started.flat()
}

type Waiting = ScheduleRecord & { readonly definition: { readonly trigger: EventTrigger } }

const isMeant = ({ catalog }: Carrying, record: ScheduleRecord, event: Happened): record is Waiting => {
  const { name, data, isOwn = false } = event
  const { trigger } = record.definition
  if (trigger.type !== 'event' || !matchesName(trigger.event, name)) return false
  if (isOwn && isEndOf(queueOf(catalog, record.definition), event)) return false
  return mayHear(record, { name, data, isOwn }) && matchesData(trigger.filter, data)
}

/** A schedule's queue runs empty after its own jobs too: set off by that, it would go on without end. */
const isEndOf = (queue: string, { name, data }: Happened): boolean =>
  name === QueueDrained.name && memberAt(data, 'queue') === queue

const reactOne = async (room: Carrying, id: string, event: Happened): Promise<Reaction[]> => {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const record = room.catalogue.all().get(id)
    if (record === undefined || !isMeant(room, record, event)) return []
    const standing = await room.state.look(record)
    const key = standing.version === record.version ? await begin(room, record, standing, event) : 'again'
    if (key === undefined) return []
    if (key !== 'again') return [reaction(room, record, key)]
    await room.catalogue.look()
  }
  throw new Error(`others kept changing the schedule ${id}`)
}

const reaction = ({ catalog }: Carrying, record: ScheduleRecord, key: string): Reaction => ({
  schedule_id: record.id,
  task_id: formatAddress({ queue: queueOf(catalog, record.definition), id: jobIdOf(record.id, key) }),
})

/** The key of the run it becomes; undefined where it becomes none. */
const begin = async (
  room: Carrying,
  record: Waiting,
  standing: Standing,
  event: Happened,
): Promise<string | undefined> => {
  const window = windowOf(record, standing.now)
  if (window.rests || standing.now < window.from || standing.now > window.end) return undefined
  const alike = alikeOf(record.definition.trigger, event)
  if (record.definition.trigger.debounce_ms === null) return start(room, record, standing, event, alike)
  const settlesAt = standing.now + record.definition.trigger.debounce_ms
  const key = `d-${hashId(24, event.id, alike)}`
  const claim = { ...claimOf(event, standing, key), plannedAt: settlesAt, settlesAt, quiet: alike }
  const hushed = await room.state.hush(record, record.version, claim)
  if (hushed.run !== undefined) return hushed.run === '' ? undefined : hushed.run
  return hushed.why === 'changed' ? 'again' : start(room, record, standing, event, alike)
}

/** Tells events of one value at the trigger's path from others. */
const alikeOf = ({ key }: EventTrigger, { data }: Happened): string =>
  hashId(24, key === null ? 'all' : JSON.stringify(memberAt(data, key) ?? null))

const claimOf = ({ id, name, data, hop = 0 }: Happened, { now }: Standing, key: string): Claim => ({
  ...{ key, source: 'event', scheduledFor: now, plannedAt: now, claimedAt: now, event: { id, name, data } },
  hop,
})

const start = async (
  room: Carrying,
  record: Waiting,
  standing: Standing,
  event: Happened,
  alike: string,
): Promise<string | undefined> => {
  const { definition } = record
  const claim = claimOf(event, standing, `e-${hashId(24, event.id)}`)
  const others = await beside(room, record, standing, true)
  const runsLeft = (definition.max_runs ?? Infinity) - standing.runs
  const due = { slots: [{ slot: standing.now, plannedAt: standing.now }], before: undefined }
  const decision = decide(definition, due, { ...others, now: standing.now, runsLeft })
  const drops = decision.replaces ? standing.open.filter(({ waits }) => waits) : []
  const claims =
    decision.wait !== undefined ? [{ ...claim, waits: true as const }] : decision.start.length > 0 ? [claim] : []
  const { throttle_ms: ms } = definition.trigger
  const plan: Step = {
    ...{ last: standing.last, next: standing.next, claims, drops: drops.map(({ key }) => key) },
    ...{ lookAt: lookAt(standing, claims, undefined), thenAt: standing.now + CLAIM_MS },
    ...{ runs: claims.length - drops.length, countsRuns: definition.max_runs !== null, unless: claim.key },
    event: { id: event.id, run: claims.length > 0 ? claim.key : undefined },
    mindsOthers: definition.overlap !== 'allow',
    throttle: ms === null ? undefined : { alike, who: event.id, ms },
    ...skipsOf(record, queueOf(room.catalog, record.definition), standing, decision, claims, drops, claim.key),
  }
  const claimed = await room.state.claim(record, standing, plan)
  if (claimed === 'changed') return 'again'
  if (claimed === 'throttled' || claimed === 'passed') return undefined
  if (claimed === 'claimed') {
    if (decision.cancels) await others.cancel()
    await fulfil(room, record, standing, plan, others)
  }
  return claims.length > 0 || claimed === 'there' ? claim.key : undefined
}
