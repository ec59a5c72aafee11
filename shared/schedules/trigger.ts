// Triggering a schedule by hand: a normal job, claimed and made like those of slots, which stay as they are.
import type { Principal } from '../auth/contract.ts'
import { toIso } from '../kernel/clock.ts'
import { formatAddress, hashId, uuidv7 } from '../kernel/ids.ts'
import { ValidationFailed } from '../kernel/problems.ts'
import { lookAt } from './carry.ts'
import type { Carrying } from './carry.ts'
import { CLAIM_MS } from './carry-times.ts'
import { ScheduleMissing } from './contract.ts'
import type { ScheduleDefinition, ScheduleRecord } from './definition.ts'
import { fulfil } from './fulfil.ts'
import { jobIdOf } from './keys.ts'
import { CannotBeMade, jobOf } from './make.ts'
import { queueOf } from './queue.ts'
import { SchedulePaused, TriggeredJustNow } from './runs-contract.ts'
import type { ScheduleTriggeredRun } from './runs-contract.ts'
import type { Claim, Standing, Step } from './standing.ts'
import { visible } from './visible.ts'
import { windowOf } from './window.ts'

export interface Triggering {
  readonly data?: ScheduleDefinition['data'] | undefined
  readonly run_at?: string | undefined
  readonly reason?: string | undefined
  readonly force: boolean
}

/** How often somebody may. */
const EVERY_MS = 1_000
const ROUNDS_MAX = 10
const YEAR_MS = 31_536_000_000

/** The same key makes one job. */
export const trigger = async (
  room: Carrying,
  principal: Principal,
  id: string,
  wished: Triggering,
  idempotencyKey: string | undefined,
): Promise<ScheduleTriggeredRun> => {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const record = visible(room, principal, (await room.catalogue.look()).get(id))
    if (record === undefined) throw ScheduleMissing(`There is no schedule ${id}.`)
    const standing = await room.state.look(record)
    if (standing.version !== record.version) continue
    const claim = claimOf(principal, record, standing, wished, idempotencyKey)
    if (await make(room, record, standing, claim, wished.force)) return told(room, record, claim)
  }
  throw new Error(`others kept changing the schedule ${id}`)
}

const claimOf = (
  principal: Principal,
  { id }: ScheduleRecord,
  { now }: Standing,
  { data, run_at, reason }: Triggering,
  idempotencyKey: string | undefined,
): Claim => {
  const plannedAt = Math.max(now, run_at === undefined ? now : Date.parse(run_at))
  if (plannedAt - now > YEAR_MS) throw invalid('#/run_at', 'must be within a year from now')
  const key = idempotencyKey === undefined ? `m-${uuidv7(now)}` : `i-${hashId(32, principal.id, id, idempotencyKey)}`
  return {
    ...{ key, source: 'manual', scheduledFor: plannedAt, plannedAt, claimedAt: now, actor: principal.name },
    ...(reason === undefined ? {} : { reason }),
    ...(data === undefined ? {} : { data }),
  }
}

/** False when the schedule does not stand as it was read any more. */
const make = async (
  room: Carrying,
  record: ScheduleRecord,
  standing: Standing,
  claim: Claim,
  isForced: boolean,
): Promise<boolean> => {
  if (windowOf(record, standing.now).rests && !isForced) throw SchedulePaused(pausedWords(record))
  check(room, record, standing, claim)
  const plan: Step = {
    ...{ last: standing.last, next: standing.next, claims: [claim], unless: claim.key },
    ...{ lookAt: lookAt(standing, [claim], undefined), thenAt: standing.now + CLAIM_MS },
    throttle: { alike: 'by hand', who: claim.key, ms: EVERY_MS },
  }
  const claimed = await room.state.claim(record, standing, plan)
  if (claimed === 'throttled')
    throw TriggeredJustNow(`The schedule ${record.id} was triggered less than a second ago.`, {
      retryAfterMs: EVERY_MS,
    })
  if (claimed === 'claimed') await fulfil(room, record, standing, plan, { isFree: false })
  return claimed !== 'changed'
}

const pausedWords = ({ id, pause }: ScheduleRecord): string =>
  pause === null
    ? `Code declares the schedule ${id} no more.`
    : `The schedule ${id} was paused by ${pause.by}${pause.reason === null ? '' : `: ${pause.reason}`}.`

/** What cannot become a job is refused, and not told as a run. */
const check = ({ catalog }: Carrying, record: ScheduleRecord, { now }: Standing, claim: Claim): void => {
  try {
    jobOf(catalog, record, claim, now)
  } catch (error) {
    throw error instanceof CannotBeMade ? invalid('#/data', error.message) : error
  }
}

const invalid = (pointer: string, detail: string): Error =>
  ValidationFailed('The job cannot be made.', { errors: [{ pointer, code: 'custom', detail }] })

const told = ({ catalog }: Carrying, record: ScheduleRecord, { key, plannedAt }: Claim): ScheduleTriggeredRun => {
  const queue = queueOf(catalog, record.definition)
  const task_id = formatAddress({ queue, id: jobIdOf(record.id, key) })
  return { schedule_id: record.id, task_id, queue, run_at: toIso(plannedAt) }
}
