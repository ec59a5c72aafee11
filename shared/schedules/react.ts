// Events set schedules off: whoever reports an event is told which jobs it made, and doing it again makes none.
import { matchesData, memberAt } from '../kernel/data-filter.ts'
import { HOPS_MAX } from '../kernel/hops.ts'
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
import { eventRunKey } from './run-id.ts'
import { single, skipsOf } from './skips.ts'
import type { Brief, Claim, Step } from './state.ts'
import { windowOf } from './window.ts'
import type { EventTrigger } from './words.ts'

export interface Happened {
  readonly id: string
  readonly name: string
  /** Epoch ms. */
  readonly at: number
  /** When k1n heard of it, epoch ms; just now when absent. */
  readonly cameAt?: number
  readonly data: unknown
  /** Whether k1n told it itself, and nobody sent it. */
  readonly isOwn?: boolean
  /** How often what led to it went through k1n before. */
  readonly hop?: number
  /** The schedules that led to it. */
  readonly via?: readonly string[]
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
  const reactTo = (record: ScheduleRecord) => (): Promise<Reaction[]> => reactOne(room, record.id, event)
  const started = await Promise.all(
    records.map((record) => (mindsOthers(record) ? room.oneByOne(record.id, reactTo(record)) : reactTo(record)())),
  )
  return started.flat()
}

/** Whether what becomes of an event depends on what became of those before. Of many at once all but one would try again. */
const mindsOthers = ({ definition: { overlap, max_runs } }: ScheduleRecord): boolean =>
  overlap !== 'allow' || max_runs !== null

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
    const key = await begin(room, record, event)
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

/** The key of the run it becomes; undefined where it becomes none, `again` where the schedule is not as it was read. */
const begin = async (room: Carrying, record: Waiting, event: Happened): Promise<string | undefined> => {
  const { debounce_ms } = record.definition.trigger
  const circle = circleOf(record, event)
  if (circle !== undefined) return tellCircle(room, record, event, circle)
  if (debounce_ms === null) return start(room, record, event)
  const standing = await room.state.lookBriefly(record)
  if (standing.version !== record.version) return 'again'
  if (!isMeantThen(record, standing, event)) return undefined
  const settlesAt = standing.now + debounce_ms
  const quiet = alikeOf(record.definition.trigger, event)
  const key = eventRunKey('d', hopOf(event) + 1, hashId(24, event.id, quiet))
  const claim = claimOf(event, standing, key)
  const hushed = await room.state.hush(record, record.version, { ...claim, plannedAt: settlesAt, settlesAt, quiet })
  if (hushed.run !== undefined) return hushed.run === '' ? undefined : hushed.run
  return hushed.why === 'changed' ? 'again' : start(room, record, event)
}

/** Whether the schedule fired when the event came: whoever reads the log late must not set off what was not there then, or
 *  paused. */
const isMeantThen = (record: Waiting, { now }: Brief, { cameAt = now }: Happened): boolean => {
  const window = windowOf(record, now)
  return !window.rests && cameAt >= window.from && cameAt <= window.end
}

const hopOf = ({ hop = 0 }: Happened): number => hop

/** In words how the event goes back to the schedule itself, or that it went round too often; undefined where it may set it off. */
const circleOf = ({ id }: Waiting, { hop = 0, via = [] }: Happened): string | undefined => {
  if (via.includes(id)) return [...via.slice(via.indexOf(id)), id].join(' → ')
  return hop > HOPS_MAX ? `it went through k1n ${hop} times, and ${HOPS_MAX} are the most` : undefined
}

/** Told once of all that one job led to. */
const tellCircle = async (
  { state, catalog }: Carrying,
  record: Waiting,
  event: Happened,
  circle: string,
): Promise<'again' | undefined> => {
  const standing = await state.look(record)
  if (standing.version !== record.version) return 'again'
  if (!isMeantThen(record, standing, event)) return undefined
  const task = memberAt(event.data, 'task_id')
  const key = `c-${hashId(24, typeof task === 'string' ? task : event.id)}`
  const skip = [{ ...single(standing.now, 'circle'), detail: circle }]
  const told = await state.claim(record, standing, {
    ...{ last: standing.last, next: standing.next, unless: key },
    ...{ lookAt: lookAt(standing, [], undefined), thenAt: undefined },
    ...skipsOf(record, queueOf(catalog, record.definition), standing, { skip }, [], [], key),
  })
  return told === 'changed' ? 'again' : undefined
}

/** Tells events of one value at the trigger's path from others. */
const alikeOf = ({ key }: EventTrigger, { data }: Happened): string =>
  hashId(24, key === null ? 'all' : JSON.stringify(memberAt(data, key) ?? null))

const claimOf = ({ id, name, data, hop = 0, via = [] }: Happened, { now }: Brief, key: string): Claim => ({
  ...{ key, source: 'event', scheduledFor: now, plannedAt: now, claimedAt: now, event: { id, name, data } },
  ...{ hop, via },
})

const start = async (room: Carrying, record: Waiting, event: Happened): Promise<string | undefined> => {
  const standing = await room.state.look(record)
  if (standing.version !== record.version) return 'again'
  if (!isMeantThen(record, standing, event)) return undefined
  const { definition } = record
  const claim = claimOf(event, standing, eventRunKey('e', hopOf(event) + 1, hashId(24, event.id)))
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
    throttle: ms === null ? undefined : { alike: alikeOf(definition.trigger, event), who: event.id, ms },
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
