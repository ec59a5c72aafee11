// F37: receivers of webhooks that are down, answer with errors, drip and flood, beside one that is good.
import type { Socket } from 'node:net'
import { FAILING } from '../../../shared/outbound/fixtures/failing.ts'
import { answering } from '../../../shared/outbound/fixtures/receiver.ts'
import { fault } from '../fault.ts'
import { percentile, round } from '../support/figures.ts'
import { startReceiver } from '../support/receivers.ts'
import type { WebhookReceiver } from '../support/receivers.ts'
import { QUEUE, createStage } from '../support/stage.ts'
import type { Stage } from '../support/stage.ts'
import { rest, until } from '../support/until.ts'
import { steady, workFor } from './load.ts'
import { wronglyFailed } from './measure.ts'
import { areBrought, isHeeded, missingAt } from './messages.ts'
import type { Fact } from './messages.ts'

const WARM_MS = 8_000
const CALM_MS = 15_000
const BROKEN_MS = 20_000
/** A receiver that failed for a while rests no longer than that, and what is on its way lasts 15 s. */
const RECOVERED_MS = 50_000
const RETRY_AFTER_MS = 2_000

const status = (line: string): ((socket: Socket) => void) =>
  answering(`HTTP/1.1 ${line}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`)

const failing = (name: string): ((socket: Socket) => void) => {
  const serve = FAILING.find(([what]) => what === name)?.[2]
  if (serve === undefined) throw new Error(`no receiver ${name}`)
  return serve
}

const misbehaviours: Record<string, (socket: Socket) => void> = {
  'answers 500': status('500 Internal Server Error'),
  'answers 429': status(`429 Too Many Requests\r\nretry-after: ${RETRY_AFTER_MS / 1_000}`),
  drips: failing('drips its body'),
  'floods 103': failing('sends 103 without end'),
}

interface Receivers {
  good: WebhookReceiver
  down: WebhookReceiver
  bad: WebhookReceiver[]
  /** The ends of jobs, as the log tells them. */
  facts: Fact[]
}

export const f37 = fault<Stage & Receivers>({
  id: 'F37',
  title: 'receivers of webhooks are down, answer with errors, drip and flood, beside a good one',
  lane: 'long',
  async setup(ground) {
    const stage = await createStage(ground, {
      workers: 2,
      concurrency: 50,
      env: { K1N_WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8' },
    })
    const retry = { base_ms: 1_000, factor: 1.5, max_ms: 5_000, max_attempts: 31 }
    const start = (name: string): Promise<WebhookReceiver> => startReceiver(stage, name, { retry })
    const bad = await Promise.all(Object.keys(misbehaviours).map(start))
    return Object.assign(stage, { good: await start('is good'), down: await start('is down'), bad, facts: [] })
  },
  async load(stage) {
    await stage.startLoad({ job: workFor(20, 100), perSecond: 15 })
    await steady(stage)
    // What came before everybody had shown that it answers has been brought by then.
    await rest(WARM_MS)
    stage.mark('calm')
    await rest(CALM_MS)
  },
  async inject(stage) {
    stage.mark('broken')
    await stage.down.goDown()
    for (const one of stage.bad) one.misbehave(misbehaviours[one.name])
    await rest(BROKEN_MS)
  },
  async heal(stage) {
    stage.mark('healed')
    stage.down.comeBack()
    for (const one of stage.bad) one.misbehave(undefined)
    await rest(2_000)
    await stage.producers?.stop()
    await until('every job has ended', async () => (await stage.census.unfinished(QUEUE)) === 0)
    await rest(1_000)
    stage.facts = await factsIn(stage)
    const all = () => everyone(stage).every((one) => missingAt(one, stage.facts).length === 0)
    // Who has not got everything by then is the oracle's to say.
    await until('every receiver has everything', all, RECOVERED_MS, 250).catch(() => undefined)
    stage.mark('recovered')
  },
  oracle: (stage, evidence) => [
    ...everyone(stage).flatMap((one) => areBrought(one, stage.facts)),
    ...stage.bad.filter(({ name }) => name === 'answers 429').flatMap((one) => isHeeded(one, RETRY_AFTER_MS)),
    ...wronglyFailed(evidence),
  ],
  figures(stage) {
    const [calm, beside] = [delays(stage, 'calm', 'broken'), delays(stage, 'broken', 'healed')]
    return [
      { name: 'facts for each', value: stage.facts.length, unit: '', least: 300 },
      { name: 'good one, p50 without', value: round(percentile(calm, 0.5)), unit: 'ms' },
      { name: 'good one, p50 beside bad ones', value: round(percentile(beside, 0.5)), unit: 'ms' },
      { name: 'good one, p99 without', value: round(percentile(calm, 0.99)), unit: 'ms' },
      {
        name: 'good one, p99 beside bad ones',
        value: round(percentile(beside, 0.99)),
        unit: 'ms',
        most: round(Math.max(percentile(calm, 0.99) * 1.5, 100)),
      },
      ...stage.bad.map((one) => ({
        name: `attempts while one ${one.name}`,
        value: one.brought.filter(({ taken }) => !taken).length,
        unit: '',
        least: 1,
        most: ATTEMPTS_MAX,
      })),
      {
        name: 'all have everything after',
        value: round((stage.at('recovered') - stage.at('healed')) / 1_000),
        unit: 's',
      },
    ]
  },
})

/** A receiver that was good rests after five failures in a row, as long as it has failed; four are on their way at once. */
const ATTEMPTS_MAX = 20

const everyone = ({ good, down, bad }: Receivers): WebhookReceiver[] => [good, down, ...bad]

const factsIn = async ({ census }: Stage): Promise<Fact[]> =>
  (await census.facts('job.completed')).flatMap(({ id, data }) => {
    const { task_id } = JSON.parse(data) as { task_id: string }
    return task_id.startsWith(`${QUEUE}:`) ? [{ id, at: Number(id.split('-')[0]) }] : []
  })

/** ms from each fact between two moments to its arrival at the good one. */
const delays = (stage: Stage & Receivers, from: string, to: string): number[] => {
  const arrivals = new Map(stage.good.brought.map(({ fact: id, at }) => [id, at]))
  return stage.facts
    .filter(({ at }) => at >= stage.at(from) && at < stage.at(to))
    .map(({ id, at }) => (arrivals.get(id) ?? Infinity) - at)
}
