// Payloads are filled by name, and nothing that is no member of what they are filled from gets in.
import { describe, expect, test } from 'vitest'
import { FILLED_MAX, hasPlaces, mistakesInTemplate, render } from './template.ts'
import type { Moment } from './template.ts'
import type { Trigger } from './words.ts'

const nightly: Trigger = { type: 'cron', expression: '30 0 * * *', timezone: 'Europe/Berlin' }
const slot = Date.UTC(2026, 5, 1, 22, 30)
const moment = (over: Partial<Moment> = {}): Moment => ({
  slot,
  schedule: { id: 'nightly', trigger: nightly },
  ...over,
})
const event = (data: unknown) => moment({ event: { id: 'e1', name: 'invoice.paid', data } })

describe('a payload', () => {
  test('is filled within texts, however deep, and keeps everything else', () => {
    const data = { title: 'Of {{slot.date}} by {{ schedule.id }}', list: [{ at: '{{slot.at}}' }, 7, null, true] }
    expect(render(data, moment())).toEqual({
      title: 'Of 2026-06-02 by nightly',
      list: [{ at: '2026-06-01T22:30:00.000Z' }, 7, null, true],
    })
  })

  test('takes the value itself where a text is nothing else', () => {
    const data = {
      ms: '{{slot.ms}}',
      all: '{{event.data}}',
      first: '{{event.data.items.0}}',
      none: '{{event.data.no}}',
    }
    expect(render(data, event({ items: [3] }))).toEqual({ ms: slot, all: { items: [3] }, first: 3, none: null })
    expect(render({ text: '<{{event.data.no}}|{{event.data.items}}>' }, event({ items: [3] }))).toEqual({
      text: '<|[3]>',
    })
  })

  test('sees nothing but members of its own', () => {
    const paths = ['event.data.__proto__', 'event.data.constructor.name', 'event.data.items.length', 'constructor', 'event.data.toString'] // prettier-ignore
    for (const path of paths) expect(render({ at: `{{${path}}}` }, event({ items: 'abc' }))).toEqual({ at: null })
    const odd = JSON.parse('{"__proto__": "{{slot.ms}}"}') as Record<string, string>
    expect(JSON.stringify(render(odd, moment()))).toBe(`{"__proto__":${slot}}`)
  })

  test('does not fill what filling brought in, and does not grow without end', () => {
    expect(render({ at: '{{event.data.x}}' }, event({ x: '{{slot.ms}}' }))).toEqual({ at: '{{slot.ms}}' })
    const big = { x: 'x'.repeat(FILLED_MAX / 2 + 1) }
    expect(() => render({ a: '{{event.data.x}}', b: '{{event.data.x}}' }, event(big))).toThrow(/longer than/)
  })
})

test('places that nothing fills are told by where they lie', () => {
  expect(mistakesInTemplate({ a: ['{{slot.year}}'], b: '{{event.id}} {{slot.ms}}' }, nightly, ['data'])).toMatchObject([
    { pointer: '#/data/a/0', code: 'unknown-place', detail: expect.stringContaining('slot.date') as unknown },
    { pointer: '#/data/b', detail: '{{event.id}} needs an event trigger' },
  ])
  expect([hasPlaces({ a: 'no' }), hasPlaces({ a: [{ b: 'x{{slot.ms}}' }] })]).toEqual([false, true])
})

test('a text of nothing but spaces after braces is read in one go', () => {
  const text = `{{${' '.repeat(30_000)}`
  expect(mistakesInTemplate({ text }, nightly, ['data'])).toEqual([])
  expect(render({ text }, moment())).toEqual({ text })
  expect(mistakesInTemplate({ text: '{{   }}' }, nightly, ['data'])).toMatchObject([{ code: 'unknown-place' }])
})
