// A form must be the schedule it was made from, and say what cannot be read in it.
import { expect, test } from 'vitest'
import type { Schedule } from '../../../shared/schedules/contract.ts'
import { scheduleOf } from '../schedules/testing.ts'
import { definitionOf, draftOf, emptyDraft, timesAsked, triggerOf } from './fields.ts'

const triggers: Schedule['trigger'][] = [
  { type: 'cron', expression: '*/5 * * * *', timezone: 'America/New_York' },
  { type: 'interval', every_ms: 5_400_000, offset_ms: 60_000 },
  { type: 'once', run_at: '2026-12-01T09:00:00.000Z' },
  { type: 'rrule', rule: 'FREQ=MONTHLY;BYDAY=-1FR', dtstart: '2026-01-30T18:00:00', timezone: 'Europe/Berlin' },
  {
    type: 'event',
    event: 'shop.*',
    filter: [{ path: 'amount', op: 'gt', value: 100 }],
    key: 'customer.id',
    debounce_ms: 30_000,
    throttle_ms: null,
  },
]

test.each(triggers.map((trigger) => [trigger.type, trigger] as const))(
  '%s goes through the form unchanged',
  (_, trigger) => {
    const read = triggerOf(draftOf(scheduleOf({ trigger })))
    expect(read.errors).toEqual({})
    expect({ ...(trigger.type === 'event' && { throttle_ms: null }), ...read.trigger }).toEqual(trigger)
  },
)

test('all else goes through it unchanged too', () => {
  const schedule = scheduleOf({
    start_at: '2026-12-01T09:00:00.000Z',
    max_runs: 3,
    jitter_ms: 20_000,
    spread_ms: 300_000,
    overlap: 'queue_one',
    misfire: 'run_all',
    job_options: { priority: 'high', attempts: 3, timeout_ms: 30_000, lifo: true },
    tags: ['mail', 'night'],
  })
  const { definition, errors } = definitionOf(draftOf(schedule), schedule.job_options)
  expect(errors).toEqual({})
  expect(schedule).toMatchObject(definition)
})

test('what only times can do is not said of events', () => {
  const limits = { jitter: '5 s', spread: '5 min', overlap: 'skip', misfire: 'skip', grace: 'soon', catchup_limit: '3' }
  const of = (gather: string) => definitionOf({ ...emptyDraft(), ...limits, type: 'event', event: 'a', gather })
  const plain = { jitter_ms: 0, spread_ms: 0, misfire: 'run_once', grace_ms: 60_000, catchup_limit: 100 }
  expect(of('debounce').definition).toMatchObject({ ...plain, overlap: 'allow' })
  expect(of('throttle').definition).toMatchObject({ ...plain, overlap: 'skip' })
  expect(of('throttle').errors).not.toHaveProperty('grace')
})

test('an empty form says what it needs; what cannot be read is told at its field', () => {
  expect(definitionOf(emptyDraft()).errors).toEqual({
    name: 'Give it a name.',
    job_name: 'Give it the job that it starts.',
  })
  const draft = { ...emptyDraft(), name: 'a', job_name: 'b', type: 'once', data: '[1]', max_runs: '0', end_at: 'soon' }
  expect(Object.keys(definitionOf(draft).errors).sort()).toEqual(['data', 'end_at', 'max_runs', 'run_at'])
  expect(triggerOf({ ...emptyDraft(), type: 'event', event: '', filter: 'x' }).errors).toMatchObject({
    event: 'Name an event, or its beginning and .*',
    filter: expect.stringMatching(/^Line 1/) as string,
  })
})

test('the times are asked for with the limits that can be read', () => {
  const draft = { ...emptyDraft(), type: 'interval', every: '1 h', jitter: '10 s' }
  const trigger = { type: 'interval', every_ms: 3_600_000, offset_ms: 0 }
  const limits = { start_at: null, end_at: null, jitter_ms: 10_000, spread_ms: 0 }
  expect(timesAsked(draft, 'digest')).toEqual({ trigger, ...limits, id: 'digest' })
  expect(timesAsked({ ...draft, jitter: 'soon' }, 'No id!')).toEqual({ trigger })
})
