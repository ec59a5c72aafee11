// A trigger is told in words and in times, and what is wrong with it member by member.
import { describe, expect, expectProblem, test } from '../fixtures.ts'
import type { Door } from '../fixtures.ts'

const path = '/api/v2/scheduler/validate'
const validate = ({ send }: Pick<Door, 'send'>, trigger: unknown) => send('POST', path, { body: { trigger } })

describe('validateTrigger', () => {
  test('200 tells a trigger in words and its next five times', async ({ door, clock }) => {
    await clock.advance(Date.UTC(2027, 2, 27, 12) - clock.now())
    const reply = await validate(door, { type: 'cron', expression: '30 2 * * *', timezone: 'Europe/Berlin' })
    expect(reply.status).toBe(200)
    expect(reply.json).toMatchObject({ valid: true, description: 'at 02:30 (Europe/Berlin)', errors: [] })
    expect(reply.json).toHaveProperty('next.length', 5)
    expect(reply.json).toHaveProperty('next.0', {
      at: '2027-03-28T01:30:00.000Z',
      local: '2027-03-28T03:30:00.000+02:00',
      note: 'clocks go forward from 02:00 to 03:00; times in between do not exist',
    })
    expect(reply.json).toHaveProperty('next.1.note', null)
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

  test('422 for a body that has no trigger', async ({ door }) => {
    expectProblem(await door.send('POST', path, { body: {} }), 422, 'validation-failed')
  })
})
