// F07: a schedule whose every job kills the process it runs in.
import { fault } from '../fault.ts'
import { makeSchedule, pauseSchedule, slotsOf } from '../support/schedules.ts'
import type { Schedule } from '../support/schedules.ts'
import { createStage } from '../support/stage.ts'
import type { Stage } from '../support/stage.ts'
import { rest, until } from '../support/until.ts'
import { isPunished, untilDead } from './culprits.ts'
import type { Culprit } from './culprits.ts'
import { steady, workFor } from './load.ts'
import { wronglyFailed } from './measure.ts'
import { closeBooks, extentOfSlots, slotsAreKept } from './slots.ts'
import type { Book } from './slots.ts'

const SLOTS = 3
const EVERY_MS = 15_000
/** Two locks that run out, and as long again until the job has the process to itself. */
const DEAD_MS = 40_000

interface Deadly {
  schedules: Schedule[]
  books: Book[]
  culprits: Culprit[]
}

export const f07 = fault<Stage & Deadly>({
  id: 'F07',
  title: 'every job of a schedule kills the process it runs in',
  lane: 'long',
  // Each of them costs two locks that run out.
  setup: async (ground) =>
    Object.assign(await createStage(ground, { locks: { lockDuration: 8_000, stalledInterval: 1_000 } }), {
      ...{ schedules: [], books: [], culprits: [] },
    }),
  async load(stage) {
    await stage.startLoad({ job: workFor(50, 200), perSecond: 10 })
    for (const overlap of ['allow', 'skip'])
      stage.schedules.push(await makeSchedule(stage, { id: `innocent-${overlap}`, everyMs: 2_000, more: { overlap } }))
    await steady(stage)
  },
  async inject(stage) {
    const deadly = await makeSchedule(stage, {
      id: 'deadly',
      everyMs: EVERY_MS,
      more: { job_name: 'fault.crash', data: { key: '{{schedule.id}}.{{slot.ms}}', how: 'exit' } },
    })
    const slots = slotsOf(deadly, deadly.since + SLOTS * EVERY_MS)
    await rest((slots.at(-1) ?? 0) + 5_000 - Date.now())
    await pauseSchedule(stage, deadly.id)
    stage.culprits = slots.map((slot) => ({ id: `s_${deadly.id}_${slot}`, how: `slot ${slot}` }))
  },
  async heal(stage) {
    await untilDead(stage, stage.culprits, DEAD_MS)
    await until('three workers run', () => stage.workers().length === 3)
    stage.books = await closeBooks(stage, stage.schedules)
  },
  oracle: ({ culprits, books }, evidence) => [
    ...culprits.flatMap((culprit) => isPunished(evidence, culprit, 'poison', 2)),
    ...slotsAreKept(evidence, books),
    ...wronglyFailed(
      evidence,
      culprits.map(({ id }) => id),
    ),
  ],
  figures: ({ culprits, books }, evidence) => [
    ...extentOfSlots(evidence, books, { least: 50 }),
    { name: 'deadly slots', value: culprits.length, unit: '', least: SLOTS },
    {
      name: 'processes killed',
      value: new Set(evidence.deaths.map(({ pid }) => pid)).size,
      unit: '',
      least: SLOTS,
      most: 2 * SLOTS,
    },
  ],
})
