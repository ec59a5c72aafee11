// Gathers the evidence when a fault is over: waits until k1n has come to rest, then writes down what there is.
import type { Evidence } from './evidence.ts'
import { hear } from './hear.ts'
import { readAcks, readExecutions } from './ledger.ts'
import { QUEUE } from './stage.ts'
import type { Stage } from './stage.ts'
import { until } from './until.ts'

/** Jobs that are not done by then are left over, and the oracle says so. */
const DRAIN_MS = 50_000
const TELL_MS = 15_000

export const gather = async (stage: Stage, drainMs = DRAIN_MS): Promise<Evidence> => {
  const { census, listener, ledgers, client, programs, deaths, outages } = stage
  await stage.producers?.stop()
  await quietly(until('every job has ended', async () => (await census.unfinished(QUEUE)) === 0, drainMs, 100))
  stage.mark('drained')
  await quietly(until('every end has been told', () => isTold(stage), TELL_MS, 200))
  const heard = listener && (await hear(census, listener))
  stage.probes.stop()
  return {
    acks: readAcks(ledgers.acks),
    executions: readExecutions(ledgers.executions),
    deaths,
    outages,
    jobs: await census.jobs(QUEUE),
    finals: await census.finals(QUEUE),
    heard,
    statuses: client.statuses,
    programs: programs.map((program) => program.report()),
    memory: await stage.memory(),
  }
}

/** What never happens is not an error here: the oracle judges what is missing. */
const quietly = (work: Promise<unknown>): Promise<unknown> => work.catch(() => undefined)

const isTold = async ({ census }: Stage): Promise<boolean> => {
  const jobs = await census.jobs(QUEUE)
  const told = new Set((await census.finals(QUEUE)).map(({ id }) => id))
  return jobs.every(({ id, places }) => told.has(id) || !(places.includes('completed') || places.includes('failed')))
}
