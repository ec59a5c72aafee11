// Making the jobs of claims and telling of them, each once however often and by whomever this is done.
import type { Bull } from '../bullmq/bullmq.ts'
import type { Catalog } from '../catalog/kind.ts'
import { toIso } from '../kernel/clock.ts'
import { fact } from '../kernel/event.ts'
import { formatAddress } from '../kernel/ids.ts'
import type { Address } from '../kernel/ids.ts'
import { stepOf } from '../metrics/buckets.ts'
import { CLAIM_MS, MAKE_MS } from './carry-times.ts'
import type { ScheduleRecord } from './definition.ts'
import { jobIdOf } from './keys.ts'
import { CannotBeMade, jobOf } from './make.ts'
import { queueOf } from './queue.ts'
import type { Others } from './overlap.ts'
import { isTimed } from './planned.ts'
import { ScheduleTriggered } from './run-events.ts'
import { entryOf, factOfSkip, single } from './skips.ts'
import type { Claim, ScheduleState, Standing, Step, Told } from './state.ts'

export interface Fulfilling {
  readonly bull: Bull
  readonly catalog: Catalog
  readonly state: ScheduleState
}

/** Makes what this step claimed, what waited and may start, and what somebody else claimed and left behind. Answers how many
 *  jobs it told of. */
export const fulfil = async (
  room: Fulfilling,
  record: ScheduleRecord,
  standing: Standing,
  plan: Step,
  { isFree }: Pick<Others, 'isFree'>,
): Promise<number> => {
  const isLeft = ({ waits, claimedAt, settlesAt }: Claim): boolean =>
    waits ? isFree : settlesAt === undefined ? standing.now - claimedAt >= CLAIM_MS : settlesAt <= standing.now
  const left = standing.open.filter((claim) => isLeft(claim) && !(plan.drops ?? []).includes(claim.key))
  const claims = [...left, ...(plan.claims ?? []).filter(({ waits }) => !waits)]
  // A state that was lost may have known of jobs that nobody has told of.
  const doubted = standing.last === undefined && isTimed(record.definition.trigger) ? claims : left
  const ran = await room.state.ran(record.id, doubted.map(({ key }) => key)) // prettier-ignore
  const told = await Promise.all(
    claims.map((claim) =>
      ran.has(claim.key)
        ? room.state.tell(record.id, made(record, claim, addressOf(room, record, claim), standing.now, plan.thenAt))
        : make(room, record, standing, claim, plan.thenAt),
    ),
  )
  return told.filter(Boolean).length
}

const addressOf = ({ catalog }: Fulfilling, { id, definition }: ScheduleRecord, { key }: Claim): Address => ({
  queue: queueOf(catalog, definition),
  id: jobIdOf(id, key),
})

/** Answers whether it was told by this call. What reaches Redis too late is left to whoever comes next. */
const make = async (
  { bull, catalog, state }: Fulfilling,
  record: ScheduleRecord,
  { now }: Standing,
  claim: Claim,
  thenAt: number | undefined,
): Promise<boolean> => {
  // Events that came since the claim was read are not to be lost.
  if (claim.settlesAt !== undefined && !(await state.settle(record.id, claim))) return false
  try {
    const job = jobOf(catalog, record, claim, now)
    if ((await bull.add({ ...job, once: { until: now + MAKE_MS } })) === 'late') return false
    const isTold = await state.tell(record.id, made(record, claim, job, now, thenAt))
    await bull.forgetMade(job)
    return isTold
  } catch (error) {
    if (!(error instanceof CannotBeMade)) throw error
    return state.tell(record.id, refused(record, queueOf(catalog, record.definition), claim, error, now, thenAt))
  }
}

/** What set a run off, as the history keeps it. */
export interface MadeEntry {
  readonly source: string
  readonly scheduled_for: number
  readonly planned_at: number
  readonly triggered_at: number
  readonly task_id: string
  readonly queue: string
  readonly actor?: string
  readonly reason?: string
  readonly event_id?: string
}

const made = (
  { id, definition }: ScheduleRecord,
  { key, source, scheduledFor, plannedAt, actor, reason, event }: Claim,
  job: Address,
  at: number,
  thenAt: number | undefined,
): Told => {
  const isSlot = source !== 'manual' && source !== 'event'
  const lateMs = isSlot ? Math.max(0, at - scheduledFor) : undefined
  const taskId = formatAddress(job)
  const run: MadeEntry = {
    ...{
      source,
      scheduled_for: scheduledFor,
      planned_at: plannedAt,
      triggered_at: at,
      task_id: taskId,
      queue: job.queue,
    },
    ...(actor === undefined ? {} : { actor }),
    ...(reason === undefined ? {} : { reason }),
    ...(event === undefined ? {} : { event_id: event.id }),
  }
  return {
    entry: { key, at: scheduledFor, run },
    fact: fact(ScheduleTriggered, at, {
      ...{ schedule_id: id, task_id: taskId, queue: job.queue, source },
      ...{ scheduled_for: toIso(scheduledFor), triggered_at: toIso(at), lag_ms: Math.max(0, at - scheduledFor) },
      ...(actor === undefined ? {} : { actor }),
    }),
    ...{ taskId, keepsOthersOutFrom: definition.overlap === 'allow' ? undefined : plannedAt, thenAt, lateMs },
    figures: { triggered: 1, ...(lateMs === undefined ? {} : { [`late:${stepOf(lateMs)}`]: 1 }) },
  }
}

const refused = (
  record: ScheduleRecord,
  queue: string,
  { key, scheduledFor, source }: Claim,
  error: CannotBeMade,
  at: number,
  thenAt: number | undefined,
): Told => {
  const skip = { key, ...single(scheduledFor, 'invalid'), detail: error.message.slice(0, 500) }
  const entry = entryOf(record, at, skip)
  return {
    entry: { ...entry, run: { ...entry.run, source } },
    ...{ fact: factOfSkip(record.id, queue, at, skip), thenAt, runs: -1, skipped: 1, figures: { skipped: 1 } },
  }
}
