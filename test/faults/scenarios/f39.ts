// F39: the API is killed in the midst of batches: as one of 5,000 is handed in, while it is carried out, and while others of 100 are
// answered at once; so are the workers that carry it out. Nothing is done twice, and nothing is left out.
import { broken, fault } from '../fault.ts'
import { BATCHED } from '../programs/catalog.ts'
import type { Evidence, HeldJob } from '../support/evidence.ts'
import { inSeconds, largest } from '../support/figures.ts'
import type { Violation } from '../support/oracle.ts'
import { createStage } from '../support/stage.ts'
import type { Stage } from '../support/stage.ts'
import { rest, until } from '../support/until.ts'
import { makeDead, makeLate, promoteOf, resultsOf, retryOf, send, triggerOf } from './batches.ts'
import type { Op, Sent } from './batches.ts'
import { steady, workFor } from './load.ts'

const LATER = 5_000
const ROUNDS = 3
const BESIDE = 4
const AT_ONCE = 100
/** Dead letters, delayed jobs and events: of the batch of 5,000, and of each of 100. */
const MIX = { later: [2_000, 2_000, 1_000], atOnce: [50, 20, 30] } as const
/** So many a second, that there is time to kill in. */
const PACE = 500

interface BatchStage extends Stage {
  dead: string[]
  late: string[]
  /** Events that were asked for. */
  asked: number
  /** ms from each kill until more was done than before. */
  waits: number[]
  /** Of the batches of 100 what each was answered. */
  summaries: Record<string, number>[]
  operation: Record<string, unknown>
  operations: number
  results: { index: number; status: number }[]
  held: HeldJob[]
  told: number[]
}

export const f39 = fault<BatchStage>({
  id: 'F39',
  title: 'the API and workers are killed in the midst of batches',
  lane: 'long',
  async setup(ground) {
    const stage = await createStage(ground)
    const nothing = { operation: {}, operations: 0, asked: 0 }
    return Object.assign(stage, nothing, {
      dead: [],
      late: [],
      waits: [],
      summaries: [],
      results: [],
      held: [],
      told: [],
    })
  },
  async load(stage) {
    const batches = ROUNDS * BESIDE
    stage.dead = await makeDead(stage, MIX.later[0] + batches * MIX.atOnce[0])
    stage.late = await makeLate(stage, MIX.later[1] + batches * MIX.atOnce[1])
    await stage.startLoad({ job: workFor(20, 100), perSecond: 20 })
    await steady(stage)
  },
  async inject(stage) {
    const { chance } = stage.ground
    // Nobody begins before the pace is set: without one it would be done by the time the API is back.
    signalWorkers(stage, 'SIGSTOP')
    const id = await handIn(stage)
    await stage.client.call('POST', `/api/v2/operations/${id}/pace`, { per_s: PACE })
    signalWorkers(stage, 'SIGCONT')
    await doneIs(stage, id, chance.whole(200, 1_200))
    await killing(stage, id, () => stage.killApi())
    await doneIs(stage, id, chance.whole(1_800, 3_500))
    await killing(stage, id, async () => stage.workers().forEach(({ pid }) => stage.kill(pid)))
    for (let round = 0; round < ROUNDS; round++) await atOnce(stage, round)
    stage.operation = await until('the batch has ended', () => ended(stage, id), 60_000, 200)
  },
  async heal(stage) {
    const { census, client } = stage
    await until('what was batched is done', async () => (await census.unfinished(BATCHED)) === 0, 60_000, 200)
    const { body } = await client.call('GET', '/api/v2/operations?kind=batch')
    stage.operations = (body['data'] as unknown[]).length
    stage.results = await resultsOf(stage, String(stage.operation['id']))
    stage.held = await census.jobs(BATCHED)
    stage.told = (await census.facts('proof.asked')).map(({ data }) => (JSON.parse(data) as { n: number }).n)
  },
  // What is sent to an API that is being killed is cut off.
  allowances: () => ({ mayBreakConnections: true }),
  oracle: (stage, evidence) => [
    ...carriedOut(stage),
    ...answered(stage),
    ...ranOnce(stage, evidence),
    ...toldOnce(stage),
  ],
  figures: ({ waits, operations, held, told }) => [
    { name: 'operations done', value: LATER + ROUNDS * BESIDE * AT_ONCE, unit: '' },
    { name: 'batches that went on as operations', value: operations, unit: '', most: 1, least: 1 },
    { name: 'jobs they were about', value: held.length, unit: '', least: 4_000 },
    { name: 'events they told', value: told.length, unit: '' },
    { name: 'longest until the batch went on after a kill', value: inSeconds(largest(waits)), unit: 's', most: 15 },
  ],
})

/** So many of each kind, in an order of chance; what is taken is gone from the stage. */
const opsOf = (stage: BatchStage, [dead, late, events]: readonly [number, number, number]): Op[] => {
  const from = stage.asked
  stage.asked += events
  const ops = [
    ...stage.dead.splice(0, dead).map(retryOf),
    ...stage.late.splice(0, late).map(promoteOf),
    ...Array.from({ length: events }, (_, n) => triggerOf(from + n)),
  ]
  const places = ops.map(() => stage.ground.chance.next())
  return ops.map((op, n) => ({ op, place: places[n] ?? 0 })).toSorted((a, b) => a.place - b.place).map(({ op }) => op) // prettier-ignore
}

/** The API is killed at some moment while it takes the batch; the client sends it again until it has an answer. */
const handIn = async (stage: BatchStage): Promise<string> => {
  const sent: Sent = { ops: opsOf(stage, MIX.later), key: 'handed-in', later: true }
  const [{ body }] = await Promise.all([send(stage, sent), killWithin(stage, 600)])
  return String(body['id'])
}

/** Batches of a hundred beside each other, while the API is killed. */
const atOnce = async (stage: BatchStage, round: number): Promise<void> => {
  const sent = Array.from({ length: BESIDE }, (_, n) => ({ ops: opsOf(stage, MIX.atOnce), key: `round-${round}-${n}` }))
  const [answers] = await Promise.all([Promise.all(sent.map((one) => send(stage, one))), killWithin(stage, 300)])
  stage.summaries.push(...answers.map(({ body }) => body['summary'] as Record<string, number>))
}

const signalWorkers = (stage: Stage, signal: NodeJS.Signals): void =>
  stage.workers().forEach(({ pid }) => process.kill(pid, signal))

const killWithin = async (stage: Stage, ms: number): Promise<void> => {
  await rest(stage.ground.chance.whole(0, ms))
  await stage.killApi()
}

const show = async (stage: Stage, id: string): Promise<Record<string, unknown> | undefined> => {
  const { status, body } = await stage.client.call('GET', `/api/v2/operations/${id}`)
  return status === 200 ? body : undefined
}

/** As Redis has it, whether there is an API or not. */
const doneOf = async ({ census }: Stage, id: string): Promise<number> =>
  Number(await census.redis.hget(`{k1n}:operations:op:${id}`, 'done'))

const doneIs = (stage: Stage, id: string, count: number): Promise<unknown> =>
  until(`${count} are done`, async () => (await doneOf(stage, id)) >= count, 40_000, 20)

const ended = async (stage: Stage, id: string): Promise<Record<string, unknown> | undefined> => {
  const operation = await show(stage, id)
  return operation?.['finished_at'] ? operation : undefined
}

/** Kills, and writes down how long it took until more was done than then. */
const killing = async (stage: BatchStage, id: string, kill: () => Promise<void>): Promise<void> => {
  const at = performance.now()
  const killed = kill()
  const before = await doneOf(stage, id)
  await doneIs(stage, id, before + 1)
  stage.waits.push(performance.now() - at)
  await killed
}

/** The batch of 5,000 is one operation, all of which was done, with a result for each place. */
const carriedOut = ({ operation, results }: BatchStage): Violation[] => {
  const { total, done } = operation['progress'] as { total: number; done: number }
  const places = new Set(results.map(({ index }) => index))
  const failed = results.filter(({ status }) => status >= 300)
  return [
    ...(operation['status'] === 'succeeded' && total === LATER && done === LATER
      ? []
      : [broken(`the batch ended ${String(operation['status'])} with ${done} of ${total} done`)]),
    ...(results.length === LATER && places.size === LATER
      ? []
      : [broken(`${results.length} results tell of ${places.size} of ${LATER} operations`)]),
    ...(failed.length === 0
      ? []
      : [broken(`${failed.length} results tell of a failure, the first of ${failed[0]?.status}`)]),
  ]
}

const answered = ({ summaries }: BatchStage): Violation[] => {
  const wrong = summaries.filter(({ succeeded }) => succeeded !== AT_ONCE)
  return wrong.length === 0 ? [] : [broken(`${wrong.length} batches were not done whole: ${JSON.stringify(wrong[0])}`)]
}

/** Each job has ended well; a dead letter that was retried failed once and no more. That none ran again for nothing is a general rule. */
const ranOnce = ({ held }: BatchStage, { executions }: Evidence): Violation[] => {
  const left = held.filter(({ places }) => places.join() !== 'completed')
  const failures = Map.groupBy(executions.filter(({ how }) => how === 'thrown'), ({ id }) => id) // prettier-ignore
  const again = held.filter(({ id }) => (failures.get(id)?.length ?? 0) > 1)
  return [
    ...(left.length === 0
      ? []
      : [broken(`${left.length} jobs are not completed, the first is ${left[0]?.places.join()}`)]),
    ...(again.length === 0 ? [] : [broken(`${again.length} jobs failed twice`)]),
  ]
}

const toldOnce = ({ told, asked }: BatchStage): Violation[] => {
  const distinct = new Set(told).size
  return distinct === asked && told.length === asked
    ? []
    : [broken(`${asked} events were asked for; the log tells ${distinct} of them, ${told.length} times`)]
}
