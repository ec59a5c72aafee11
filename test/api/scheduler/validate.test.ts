// A trigger is told in words and in times, and what is wrong with it member by member.
import { describe, expect, expectProblem, test } from '../fixtures.ts'
import type { TriggerCheck } from '../../../shared/schedules/contract.ts'
import type { Door } from '../fixtures.ts'

const validate = ({ send }: Pick<Door, 'send'>, trigger: unknown) =>
  send('POST', '/api/v2/scheduler/validate', { body: { trigger } })

describe('validateTrigger', () => {
  test('200 tells a trigger in words and its next five times', async ({ door }) => {
    // The last Sunday of March, on which clocks there skip from 02:00 to 03:00.
    const reply = await validate(door, { type: 'cron', expression: '30 2 * 3 0L', timezone: 'Europe/Berlin' })
    expect(reply.status).toBe(200)
    expect(reply.json).toMatchObject({ valid: true, errors: [] })
    const { description, next } = reply.json as TriggerCheck
    expect(description).toMatch(/^at 02:30, .*in March \(Europe\/Berlin\)$/)
    expect(next).toHaveLength(5)
    for (const { local, note } of next) {
      expect(local).toMatch(/-03-\d\dT03:30:00.000\+02:00$/)
      expect(note).toBe('clocks go forward from 02:00 to 03:00; times in between do not exist')
    }
  })

  test('200 tells what is wrong with each member of one that is not valid', async ({ door }) => {
    const reply = await validate(door, { type: 'cron', expression: '61 * * * *', timezone: 'Europe/Bärlin' })
    expect(reply.json).toMatchObject({ valid: false, description: null, next: [] })
    expect(reply.json).toHaveProperty('errors.0.pointer', '#/trigger/timezone')
    const second = await validate(door, { type: 'cron', expression: '61 * * * *', timezone: 'Europe/Potsdam' })
    expect(second.json).toMatchObject({
      errors: [
        { pointer: '#/trigger/expression', code: 'invalid-cron' },
        { pointer: '#/trigger/timezone', code: 'unknown-timezone' },
      ],
    })
  })

  test('200 tells rules of calendars and events in words, and when a schedule really starts', async ({ door }) => {
    const rule = {
      type: 'rrule',
      rule: 'FREQ=MONTHLY;BYDAY=-1FR',
      dtstart: '2026-01-30T09:00',
      timezone: 'Europe/Berlin',
    }
    const first = (await validate(door, rule)).json as TriggerCheck
    expect(first).toMatchObject({ valid: true, description: 'every month on the last Friday at 9 AM (Europe/Berlin)' })
    for (const { local } of first.next) expect(local).toContain('T09:00:00.000+0')
    const event = { type: 'event', event: 'invoice.*', key: 'customer', debounce_ms: 5_000 }
    expect((await validate(door, event)).json).toMatchObject({
      description: 'on invoice.*, once it was quiet for 5 seconds, for each customer',
      next: [],
    })
    const more = { spread_ms: 3_600_000, id: 'digest', end_at: '2199-01-01T00:00:00.000Z' }
    const put = await door.client.schedules.validate({
      body: { trigger: { type: 'cron', expression: '@daily' }, ...more },
    })
    for (const { at, planned_at } of put.next) expect(Date.parse(planned_at)).toBeGreaterThan(Date.parse(at))
  })

  test('422 for a body that has no trigger', async ({ door }) => {
    expectProblem(await door.send('POST', '/api/v2/scheduler/validate', { body: {} }), 422, 'validation-failed')
  })
})
