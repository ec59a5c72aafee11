// A trigger is told in words and in times, and what is wrong with it member by member.
import { describe, expect, expectProblem, test } from '../fixtures.ts'
import type { Door } from '../fixtures.ts'

const path = '/api/v2/scheduler/validate'
const validate = ({ send }: Pick<Door, 'send'>, trigger: unknown) => send('POST', path, { body: { trigger } })

describe('validateTrigger', () => {
  test('200 tells a trigger in words and its next five times, with what clocks show then', async ({ door }) => {
    const reply = await validate(door, { type: 'cron', expression: '0 12 * * *', timezone: 'Europe/Berlin' })
    expect(reply.status).toBe(200)
    expect(reply.json).toMatchObject({ valid: true, description: 'at 12:00 (Europe/Berlin)', errors: [] })
    const { next } = reply.json as { next: { at: string; local: string; note: string | null }[] }
    expect(next).toHaveLength(5)
    for (const { at, local } of next) {
      expect(local).toMatch(/T12:00:00\.000\+0[12]:00$/)
      expect(Date.parse(local)).toBe(Date.parse(at))
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

  test('422 for a body that has no trigger', async ({ door }) => {
    expectProblem(await door.send('POST', path, { body: {} }), 422, 'validation-failed')
  })
})
