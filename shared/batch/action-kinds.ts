// Actions on all jobs that a filter means, as kinds of operation: chosen first, then done slice by slice, each once.
import { formatAddress } from '../kernel/ids.ts'
import { isProblem } from '../kernel/problem.ts'
import type { Problem } from '../kernel/problem.ts'
import { diedAtOf } from '../dlq/id.ts'
import type { OperationKind, Outcome, Work } from '../operations/kind.ts'
import { ACTIONS, ActionParams, statesMeant } from './actions-contract.ts'
import type { JobAction } from './actions-contract.ts'
import { cancelMany, deleteMany, skipMany } from '../jobs/end-many.ts'
import type { Found, LookMany } from '../jobs/look-many.ts'
import { isDone } from '../jobs/many.ts'
import type { Asked, Came } from '../jobs/many.ts'
import { JobMissing, JobNotInState } from '../jobs/problems.ts'
import { isMarked, promoteMany, retryMany } from '../jobs/retry-many.ts'
import type { ChosenJob, SelectJobs } from './select.ts'
import { stateOf } from '../jobs/state.ts'
import type { Steering } from '../jobs/steer.ts'

export interface Acting {
  readonly steering: Steering
  readonly look: LookMany
  readonly select: SelectJobs
}

type Kind = OperationKind<string, typeof ActionParams, ChosenJob>
type Act = (room: Acting, found: readonly Found[], params: ActionParams, asked: Asked) => Promise<Came[]>

const acts: Readonly<Record<JobAction, Act>> = {
  cancel: ({ steering }, found, { reason }, asked) =>
    cancelMany(steering, found.map((one) => ({ ...one, reason })), asked), // prettier-ignore
  skip: ({ steering }, found, { reason }, asked) =>
    skipMany(steering, found.map((one) => ({ ...one, reason })), asked), // prettier-ignore
  promote: ({ steering }, found, _params, asked) => promoteMany(steering, found, asked),
  delete: ({ steering }, found, _params, asked) => deleteMany(steering, found, asked),
  retry: ({ steering }, found, { reset_attempts: resetAttempts, delay_ms: delayMs }, asked) =>
    retryMany(steering, found.map((one) => ({ ...one, resetAttempts, delayMs })), asked), // prettier-ignore
}

export const actionKind = (action: JobAction): string => `jobs.${action}`

export const jobActionKinds = (room: Acting): Kind[] => ACTIONS.map((action) => kindOf(room, action))

const kindOf = (room: Acting, action: JobAction): Kind => ({
  name: actionKind(action),
  params: ActionParams,
  select: ({ params: { filter, limit }, asker, createdAt, signal }) =>
    room.select(asker, { filter, limit, signal, until: createdAt, states: statesMeant(action, filter) }),
  nameOf: formatAddress,
  async apply(items, work) {
    const came = await apply(room, action, items, work)
    return {
      outcomes: came.map((one) => outcomeOf(action, one)),
      facts: came.flatMap((one) => (isDone(one) ? (one.facts ?? []) : [])),
    }
  },
})

const apply = async (
  room: Acting,
  action: JobAction,
  items: readonly ChosenJob[],
  { id: mark, asker, createdAt: since, params }: Work<ActionParams>,
): Promise<Came[]> => {
  const asked = { actor: asker.name, mark, since, dryRun: false }
  const looked = await room.look(asker, items.map((item) => ({ task_id: formatAddress(item) }))) // prettier-ignore
  const settled = looked.map((one, n) => (isProblem(one) ? one : drift(one, items[n], asked)))
  const ready = looked.filter((one, n): one is Found => !isProblem(one) && settled[n] === undefined)
  const acted = (ready.length === 0 ? [] : await acts[action](room, ready, params, asked)).values()
  return settled.map((problem) => problem ?? acted.next().value ?? JobMissing('It was not answered.'))
}

/** One that ended when it was chosen, and lives or ended again since, is not the one that was meant. */
const drift = (found: Found, item: ChosenJob | undefined, asked: Asked): Problem | undefined => {
  const { stated } = found
  if (!stated || item?.endedAt === undefined || isMarked(found, asked)) return undefined
  const isSame = stateOf(stated) === item.state && diedAtOf(stated.job.finishedOn, stated.score) === item.endedAt
  return isSame ? undefined : JobNotInState(`The job ${formatAddress(item)} was changed since it was chosen.`)
}

const outcomeOf = (action: JobAction, came: Came): Outcome => {
  if (isDone(came)) return { is: 'done' }
  const isGone = came.code === JobMissing.code
  if (isGone && action === 'delete') return { is: 'done' }
  const is = isGone || came.code === JobNotInState.code ? 'skipped' : 'failed'
  return { is, reason: came.message.slice(0, 500) }
}
