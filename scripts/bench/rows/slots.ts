// Row 20: how late the job of a slot begins, with few schedules at rest and with many beside other work.
import { share, storm } from '../../../workers/testing/schedule-storm.ts'
import type { Storm } from '../../../workers/testing/schedule-storm.ts'
import type { Row } from '../row.ts'
import { percentile } from '../stats.ts'

const WORKERS = 2
const calm = { workers: WORKERS, kills: [], restarts: [], isSpread: true } as const
const rest: Storm = { ...calm, schedules: 100, everyMs: 10_000, seconds: 40 }
const busy: Storm = { ...calm, schedules: 5_000, everyMs: 60_000, seconds: 24, busy: 500 }
const say = (name: string, values: readonly number[]): string => {
  const sorted = [...values].sort((a, b) => a - b)
  const of = (part: number): string => `${share(sorted, part)} ms`
  return `${name}: p50 ${of(0.5)} · p99 ${of(0.99)} · worst ${of(1)} of ${values.length}`
}

export const slots: Row = {
  id: '20',
  title: `the job of a slot begins: ${rest.schedules} schedules at rest, and ${busy.schedules} spread over a minute beside ${busy.busy} other jobs a second; ${WORKERS} worker processes`,
  floor: 'the slot itself',
  async run(bench) {
    const few = await bench.load.during(() => storm(rest))
    const many = await bench.load.during(() => storm(busy))
    return {
      figures: [
        {
          bar: { name: 'p99 at rest', kind: 'time', unit: 'ms', must: { atMost: 50 }, moonshot: { atMost: 10 } },
          values: [percentile(few.begun, 0.99)],
        },
        {
          bar: { name: 'p99 busy', kind: 'time', unit: 'ms', must: { atMost: 250 }, moonshot: { atMost: 50 } },
          values: [percentile(many.begun, 0.99)],
        },
      ],
      notes: [say('at rest', few.begun), say('busy', many.begun)],
    }
  },
}
