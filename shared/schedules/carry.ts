// Carrying a schedule out: which slots are due, what becomes of them, and the jobs of those that start. Any process may do so at
// any time and be killed at any point: slots are claimed before their jobs are made, a job's id tells its slot, and what was
// claimed is made by whoever comes next.
import type { Bull } from '../bullmq/bullmq.ts'
import type { Catalog } from '../catalog/kind.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { OneByOne } from '../kernel/one-by-one.ts'
import { AWAITED_MS, CLAIM_MS, EARLY_MS, OVERDUE_MS } from './carry-times.ts'
import type { Catalogue } from './catalogue.ts'
import type { ScheduleRecord } from './definition.ts'
import { decide } from './due.ts'
import type { Decision, DueSlots, Slot } from './due.ts'
import { fulfil } from './fulfil.ts'
import { slotOfKey } from './keys.ts'
import { queueOf } from './queue.ts'
import { beside } from './overlap.ts'
import type { Cancel } from './overlap.ts'
import { isTimed } from './planned.ts'
import { skipsOf } from './skips.ts'
import { slotAfter, slotsDue } from './slots.ts'
import type { Claim, ScheduleState, Standing, Step } from './state.ts'
import type { Ticks } from './ticks.ts'
import { untoldSlots } from './untold.ts'
import { windowOf } from './window.ts'

export interface Carrying {
  readonly kernel: Kernel
  readonly bull: Bull
  readonly catalog: Catalog
  readonly catalogue: Catalogue
  readonly state: ScheduleState
  readonly ticks: Ticks
  /** Tells a job to end. */
  readonly cancel: Cancel
  /** Keeps what this process does about one schedule from being in its own way. */
  readonly oneByOne: OneByOne
}

/** Others who carry out the same schedule at the same moment. */
const ROUNDS_MAX = 10

export interface Carried {
  /** Jobs that were made. */
  readonly made: number
  /** When that was, by the clock of Redis; 0 where there was nothing to carry out. */
  readonly now: number
}

/** Carries out what is due of a schedule. `slot` is what a tick was made for. */
export const carry = async (room: Carrying, id: string, slot = 0): Promise<Carried> => {
  const { catalogue, state } = room
  let record = catalogue.all().get(id) ?? (await catalogue.look()).get(id)
  for (let round = 0; round < ROUNDS_MAX; round++) {
    if (record === undefined) return leave(room, id)
    const standing = await state.look(record)
    if (standing.version === record.version) {
      const made = await step(room, record, standing, slot)
      if (made !== 'again') {
        tellTorn(room, id, standing)
        return { made, now: standing.now }
      }
    } else record = (await catalogue.look()).get(id)
  }
  throw new Error(`others kept changing the schedule ${id}`)
}

/** What they were to become cannot be known, so nobody is told of a run. */
const tellTorn = ({ kernel }: Carrying, id: string, { torn }: Standing): void => {
  if (torn.length > 0) kernel.log.warn('claims of a schedule cannot be read and are given up', { id, claims: torn })
}

/** One that is gone leaves nothing behind; one that only this version of k1n cannot read is left to others. */
const leave = async ({ state, ticks }: Carrying, id: string): Promise<Carried> => {
  if (!(await state.exists(id))) {
    await ticks.disarm(id, undefined)
    await state.forget(id)
  }
  return { made: 0, now: 0 }
}

const step = async (
  room: Carrying,
  record: ScheduleRecord,
  standing: Standing,
  slot: number,
): Promise<number | 'again'> => {
  const window = windowOf(record, standing.now)
  if (window.rests) return rest(room, record, standing, window.until)
  const until = Math.min(Math.max(standing.now, Math.min(slot, standing.now + EARLY_MS)), window.end)
  const decided = await newestDecided(room, record, standing)
  const due = slotsDue(record, Math.max(decided ?? 0, window.from - 1), until)
  const others = await beside(room, record, standing, due.slots.length > 0)
  const runsLeft = runsLeftOf(record, standing)
  const decision = decide(record.definition, due, { ...others, now: standing.now, runsLeft })
  const queue = queueOf(room.catalog, record.definition)
  const untold = untoldSlots(record, decided, runsLeft)
  const known = { ...window, until, decided: untold.at(-1)?.until ?? decided }
  const plan = planOf(record, queue, standing, due, { ...decision, skip: [...untold, ...decision.skip] }, known)
  if ((await room.state.claim(record, standing, plan)) !== 'claimed') return 'again'
  await wake(room, record, standing, plan)
  if (decision.cancels) await others.cancel()
  return fulfil(room, record, standing, plan, others)
}

const runsLeftOf = ({ definition }: ScheduleRecord, { runs }: Standing): number =>
  (definition.max_runs ?? Infinity) - runs

/** The newest slot that somebody decided about. Where the state does not tell, claims and history do. */
const newestDecided = async (
  { state }: Carrying,
  { id, definition }: ScheduleRecord,
  { last, open }: Standing,
): Promise<number | undefined> => {
  if (last !== undefined || !isTimed(definition.trigger)) return last
  const told = await state.newestTold(id)
  const known = [told, ...open.map(({ key }) => slotOfKey(key))].filter((slot) => slot !== undefined)
  return known.length === 0 ? undefined : Math.max(...known)
}

/** Nobody fires it: no tick, and slots that were due before are passed over. What was claimed before is still made. */
const rest = async (
  room: Carrying,
  record: ScheduleRecord,
  standing: Standing,
  until: number | undefined,
): Promise<number | 'again'> => {
  const decided = await newestDecided(room, record, standing)
  const skip = untoldSlots(record, decided, runsLeftOf(record, standing))
  const plan: Step = {
    last: skip.at(-1)?.until ?? standing.last,
    next: undefined,
    lookAt: lookAt(standing, [], until),
    thenAt: until,
    drops: standing.torn,
    hears: true,
    ...skipsOf(record, queueOf(room.catalog, record.definition), standing, { skip }, [], []),
  }
  if ((await room.state.claim(record, standing, plan)) !== 'claimed') return 'again'
  await room.ticks.disarm(record.id, standing.next)
  const others = await beside(room, record, standing, false)
  return fulfil(room, record, standing, plan, others)
}

const wake = async (
  { ticks }: Carrying,
  record: ScheduleRecord,
  { heard, next: before }: Standing,
  { next }: Step,
): Promise<void> => {
  if (next === undefined) {
    if (before !== undefined || heard !== record.version) await ticks.disarm(record.id, before)
    return
  }
  // What had no next slot has no tick that could go on: a pause ended, or the run that was to be the last could not be made.
  if (heard === record.version && before !== undefined) return next === before ? undefined : ticks.goOn(record, next)
  if (before !== undefined && before !== next) await ticks.disarm(record.id, before)
  await ticks.arm(record, next)
}

/** All that is written at once when slots are decided about. */
const planOf = (
  record: ScheduleRecord,
  queue: string,
  standing: Standing,
  due: DueSlots,
  decision: Decision,
  { until, from, decided }: { until: number; from: number; decided: number | undefined },
): Step => {
  const claims = [
    ...decision.start.map((slot) => claimOf(record, standing, slot)),
    ...waiting(record, standing, decision),
  ]
  const drops = decision.replaces ? standing.open.filter(({ waits }) => waits) : []
  const last = due.slots.at(-1)?.slot ?? decided
  const runs = claims.length - drops.length
  const isOver = standing.runs + runs >= (record.definition.max_runs ?? Infinity)
  const next = isOver ? undefined : slotAfter(record, Math.max(last ?? 0, until, from - 1))
  // A job that cannot be made gives its run back, so those that took the last are looked at once more.
  const mayGiveBack = isOver && claims.length + standing.open.length > 0
  const thenAt = next !== undefined ? next + OVERDUE_MS : mayGiveBack ? standing.now + CLAIM_MS : undefined
  return {
    ...{
      last,
      next,
      lookAt: lookAt(standing, claims, thenAt),
      thenAt,
      claims,
      drops: [...drops.map(({ key }) => key), ...standing.torn],
      runs,
      hears: true,
      countsRuns: record.definition.max_runs !== null,
      mindsOthers: record.definition.overlap !== 'allow',
    },
    ...skipsOf(record, queue, standing, decision, claims, drops),
  }
}

const claimOf = ({ definition }: ScheduleRecord, { now }: Standing, { slot, plannedAt }: Slot): Claim => {
  const source = definition.trigger.type
  return { key: String(slot), source, scheduledFor: slot, plannedAt, claimedAt: now }
}

const waiting = (record: ScheduleRecord, standing: Standing, { wait }: Decision): Claim[] =>
  wait === undefined ? [] : [{ ...claimOf(record, standing, wait), waits: true }]

/** When somebody must look at the schedule again, whatever becomes of this process and of its ticks. */
export const lookAt = (
  { now, open }: Standing,
  claims: readonly Claim[],
  thenAt: number | undefined,
): number | undefined => {
  const times = [...open, ...claims].map(({ waits, settlesAt }) => settlesAt ?? now + (waits ? AWAITED_MS : CLAIM_MS))
  return times.length === 0 ? thenAt : Math.min(...times, thenAt ?? Infinity)
}
