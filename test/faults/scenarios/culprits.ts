// Jobs that ruin the process they run in, asked for like any other.
import { broken } from '../fault.ts'
import type { Evidence } from '../support/evidence.ts'
import type { Violation } from '../support/oracle.ts'
import { QUEUE } from '../support/stage.ts'
import type { Stage } from '../support/stage.ts'
import { until } from '../support/until.ts'

export interface Culprit {
  id: string
  how: string
}

/** Asks for a job under an id that says what it does. */
export const plant = async (
  stage: Stage,
  name: string,
  how: string,
  data: Record<string, unknown> = {},
): Promise<Culprit> => {
  const id = `${how}-${stage.ground.seed}`
  const { status, body } = await stage.client.call('POST', '/api/v2/jobs', { name, id, data: { key: id, ...data } })
  if (status !== 201) throw new Error(`the job ${how} was not accepted: ${status} ${JSON.stringify(body)}`)
  return { id: `t_${id}`, how }
}

/** Resolves when all of them are dead letters. */
export const untilDead = async (stage: Stage, culprits: readonly Culprit[], limitMs: number): Promise<void> => {
  const dead = async (): Promise<boolean> => {
    const failed = await stage.census.redis.zrange(`bull:${QUEUE}:failed`, 0, -1)
    return culprits.every(({ id }) => failed.includes(id))
  }
  // Whether they are is the oracle's to say.
  await until('every culprit is a dead letter', dead, limitMs, 200).catch(() => undefined)
}

/** A culprit ends as a dead letter with this reason, after so many runs at most. */
export const isPunished = (
  { jobs, executions }: Evidence,
  { id, how }: Culprit,
  reason: string,
  runsMost: number,
): Violation[] => {
  const job = jobs.find((one) => one.id === id)
  const runs = executions.filter((run) => run.id === id).length
  return [
    ...(job?.places.join() === 'failed'
      ? []
      : [broken(`the ${how} is ${job?.places.join() ?? 'nowhere'}, not a dead letter`)]),
    ...(job?.reason === reason ? [] : [broken(`the ${how} died of ${job?.reason ?? 'nothing'}, not of ${reason}`)]),
    ...(runs >= 1 && runs <= runsMost ? [] : [broken(`the ${how} ran ${runs} times`)]),
  ]
}
