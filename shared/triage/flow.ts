// What came into the inbox and what left it within the last minutes: in steps, and by queue.
import { minuteOf } from '../metrics/buckets.ts'
import { splitField } from '../metrics/fields.ts'
import { MINUTE_MS, slotsOf } from '../metrics/slots.ts'
import type { Slot } from '../metrics/slots.ts'
import { joined } from '../metrics/sums.ts'
import type { SlotSums, Sums, Wanted } from '../metrics/sums.ts'

const STEPS_MAX = 120

export interface Flow {
  added: number
  resubmitted: number
  discarded: number
}

export interface Flows {
  steps: (Flow & { at: number })[]
  queues: Map<string, Flow>
}

export const still: Flow = { added: 0, resubmitted: 0, discarded: 0 }

/** Of the last `count` minutes, the running one included. */
export const readFlows = async (sums: SlotSums, wanted: Wanted, now: number, count: number): Promise<Flows> => {
  const first = minuteOf(now) - count + 1
  const minutes = Array.from({ length: count }, (_, index): Slot => ({ no: first + index, widthMs: MINUTE_MS }))
  const width = Math.ceil(count / STEPS_MAX)
  const steps = Array.from({ length: Math.ceil(count / width) }, (_, step) => minutes.slice(step * width, (step + 1) * width)) // prettier-ignore
  const [told, fields] = await Promise.all([
    sums.byName(steps, wanted),
    sums.byField(slotsOf(first * MINUTE_MS, now + 1, now)),
  ])
  return {
    steps: told.map((one, step) => ({ at: (first + step * width) * MINUTE_MS, ...flowOf(one) })),
    queues: flowsByQueue(joined(fields), wanted),
  }
}

const flowOf = (sums: Sums): Flow => ({
  added: sums.get('failed') ?? 0,
  resubmitted: sums.get('resubmitted') ?? 0,
  discarded: sums.get('discarded') ?? 0,
})

const counters: Readonly<Record<string, keyof Flow>> = {
  failed: 'added',
  resubmitted: 'resubmitted',
  discarded: 'discarded',
}

const flowsByQueue = (fields: Sums, { fits }: Wanted): Map<string, Flow> => {
  const flows = new Map<string, Flow>()
  for (const [field, value] of fields) {
    const [queue, name] = splitField(field)
    const counter = counters[name]
    if (counter === undefined || !fits(queue)) continue
    const flow = flows.get(queue) ?? { ...still }
    flows.set(queue, flow)
    flow[counter] += value
  }
  return flows
}
