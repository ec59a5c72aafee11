// F31: whoever records is killed again and again, frozen while another takes over, and late when events are trimmed.
import { existsSync, readFileSync } from 'node:fs'
import { broken, fault } from '../fault.ts'
import { QUEUE, createStage } from '../support/stage.ts'
import type { Stage } from '../support/stage.ts'
import { runs } from '../support/program.ts'
import { rest, until } from '../support/until.ts'
import { steady, workFor } from './load.ts'
import { wronglyFailed } from './measure.ts'

const LEASE_MS = 1_000

export const f31 = fault({
  id: 'F31',
  title: 'whoever records is killed every moment, frozen, and late when events are trimmed',
  lane: 'short',
  setup: async (ground) => {
    const stage = await createStage(ground, { workers: 2, leaseMs: LEASE_MS })
    return Object.assign(stage, { kills: 0, trimmed: 0, gaps: 0, recovered: 0 })
  },
  async load(stage) {
    await stage.startLoad({ job: workFor(5, 40), perSecond: 50 })
    await steady(stage)
  },
  async inject(stage) {
    await stage.startRecorder()
    for (; stage.kills < 10; stage.kills++) await killRecorder(stage)
    await freezeRecorder(stage)
    stage.trimmed = await trimUnread(stage)
  },
  async heal(stage) {
    const told = async (): Promise<boolean> => (await gapsIn(stage)).length > 0
    await until('a gap is told', told, 15_000).catch(() => undefined)
    const gaps = await gapsIn(stage)
    stage.gaps = gaps.length
    stage.recovered = gaps.reduce((sum, { recovered }) => sum + recovered, 0)
  },
  oracle: ({ gaps }, evidence) => [
    ...(gaps > 0 ? [] : [broken('events were trimmed before they were read and no gap was told')]),
    ...wronglyFailed(evidence),
  ],
  figures: ({ kills, trimmed, gaps, recovered }) => [
    { name: 'recorders killed', value: kills, unit: '', least: 10 },
    { name: 'events trimmed unread', value: trimmed, unit: '', least: 50 },
    { name: 'gaps told', value: gaps, unit: '', least: 1 },
    { name: 'ends read elsewhere', value: recovered, unit: '', least: 1 },
  ],
})

/** Who records, by the newest entry in the list of tenures; undefined while nobody does. */
const recording = (stage: Stage): number | undefined => {
  const { tenures } = stage.ledgers
  const pid = existsSync(tenures) ? Number(readFileSync(tenures, 'utf8').trim().split('\n').at(-1)) : undefined
  return pid !== undefined && runs(pid) ? pid : undefined
}

/** 250 ms after somebody began to record he is killed; another is started in his place. */
const killRecorder = async (stage: Stage): Promise<void> => {
  const pid = await until('somebody records', () => recording(stage), 15_000, 20)
  await rest(250)
  process.kill(pid, 'SIGKILL')
  await stage.startRecorder()
}

/** Frozen until another has taken over, then let go: what it had in hand may not be written any more. */
const freezeRecorder = async (stage: Stage): Promise<void> => {
  const pid = await until('somebody records', () => recording(stage), 15_000, 20)
  await rest(250)
  process.kill(pid, 'SIGSTOP')
  await until('another records', () => recording(stage) !== pid && recording(stage) !== undefined, 15_000, 20)
  process.kill(pid, 'SIGCONT')
  await rest(1_000)
}

/** All recorders stand still until many events have come, of which all but the newest few are then trimmed. */
const trimUnread = async (stage: Stage): Promise<number> => {
  const { redis } = stage.census
  const events = `bull:${QUEUE}:events`
  const recorders = (): number[] => allRecorders(stage)
  for (const pid of recorders()) process.kill(pid, 'SIGSTOP')
  const cursor = await redis.hget('{k1n}:recorder:cursors', events)
  const unread = async (): Promise<number> => (await redis.xrange(events, `(${cursor ?? '0-0'}`, '+')).length
  await until('many events have come', async () => (await unread()) > 400, 20_000)
  const before = await unread()
  await redis.xtrim(events, 'MAXLEN', 20)
  const trimmed = before - (await unread())
  for (const pid of recorders()) process.kill(pid, 'SIGCONT')
  return trimmed
}

const allRecorders = (stage: Stage): number[] => [
  ...stage.programs.filter(({ name, isRunning }) => name.startsWith('recorder') && isRunning).map(({ pid }) => pid),
  ...stage.recorders(),
]

const gapsIn = async ({ census }: Stage): Promise<{ recovered: number }[]> =>
  (await census.facts('system.gap')).map(({ data }) => JSON.parse(data) as { recovered: number })
