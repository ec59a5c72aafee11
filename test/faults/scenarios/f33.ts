// F33: five APIs write the same schedules over and over while a worker is killed every two seconds.
import { fault } from '../fault.ts'
import type { ApiClient } from '../support/api-client.ts'
import { definitionOf, makeSchedule, pathOf } from '../support/schedules.ts'
import type { Schedule, WantedSchedule } from '../support/schedules.ts'
import { createStage } from '../support/stage.ts'
import type { Stage } from '../support/stage.ts'
import { rest, until } from '../support/until.ts'
import { steady, workFor } from './load.ts'
import { wronglyFailed } from './measure.ts'
import { closeBooks, extentOfSlots, slotsAreKept } from './slots.ts'
import type { Book } from './slots.ts'

const APIS = 5
const KILLS = 15
const KILL_EVERY_MS = 2_000
/** Between two requests of one API. */
const PAUSE_MS = 100

const wanted: WantedSchedule[] = Array.from({ length: 10 }, (_, n) => ({
  id: `shared-${n}`,
  everyMs: n < 5 ? 1_000 : 3_000,
  offsetMs: n < 5 ? 0 : (n % 3) * 1_000,
  as: n % 2 === 0 ? 'interval' : 'cron',
}))

interface Writing {
  apis: ApiClient[]
  schedules: Schedule[]
  books: Book[]
  /** Whether the APIs go on writing. */
  isOn: boolean
  writing: Promise<void>[]
  /** How often an API was told that a schedule is as it said. */
  written: number
}

export const f33 = fault<Stage & Writing>({
  id: 'F33',
  title: 'five APIs write the same schedules while a worker is killed every 2 s',
  lane: 'long',
  async setup(ground) {
    // A job that was cut off comes again within the time of a fault.
    const stage = await createStage(ground, { locks: { lockDuration: 8_000, stalledInterval: 1_000 } })
    const apis = [stage.client]
    while (apis.length < APIS) apis.push(await stage.startApi())
    return Object.assign(stage, { apis, schedules: [], books: [], isOn: true, writing: [], written: 0 })
  },
  async load(stage) {
    await stage.startLoad({ job: workFor(20, 200), perSecond: 10 })
    for (const one of wanted) stage.schedules.push(await makeSchedule(stage, one))
    await steady(stage)
    stage.writing = stage.apis.map((api, n) => writeOn(stage, api, n))
  },
  async inject(stage) {
    for (let n = 0; n < KILLS; n++) {
      const two = () => stage.workers().length >= 2 && stage.ground.chance.pick(stage.workers())
      stage.kill((await until('two workers run', two)).pid)
      await rest(KILL_EVERY_MS)
    }
  },
  async heal(stage) {
    stage.isOn = false
    await Promise.all(stage.writing)
    await until('three workers run', () => stage.workers().length === 3)
    stage.books = await closeBooks(stage, stage.schedules)
  },
  oracle: (stage, evidence) => [...slotsAreKept(evidence, stage.books), ...wronglyFailed(evidence)],
  figures: (stage, evidence) => [
    ...extentOfSlots(evidence, stage.books, { least: 200, passedMost: 0 }),
    { name: 'times a schedule was written', value: stage.written, unit: '', least: 500 },
    { name: 'workers killed', value: new Set(evidence.deaths.map(({ pid }) => pid)).size, unit: '', least: KILLS },
  ],
})

/** One API writes all schedules in turn, now with a change and now as they are. */
const writeOn = async (stage: Writing, api: ApiClient, who: number): Promise<void> => {
  for (let round = 0; stage.isOn; round++) {
    for (const one of wanted) {
      const tags = round % 3 === 0 ? [] : [`written by ${who} in round ${round}`]
      const { status } = await api.call('PUT', pathOf(one.id), definitionOf({ ...one, more: { tags } }))
      if (status === 200) stage.written++
      await rest(PAUSE_MS)
    }
  }
}
