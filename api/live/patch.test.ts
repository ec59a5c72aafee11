// What is told of a row put into the row as it was must be the row as it is, whatever changed.
import { expect, test } from 'vitest'
import { emptyTopic, takeChange, takeSnapshot } from '../../dashboard/data/live/topic.ts'
import { patchOf } from './patch.ts'

test('a row of which little changed is told as that little', () => {
  const before = { at: 1, vitals: { waiting: { value: 3, series: [1, 2] } }, pulse: [{ at: 1, ok: 1 }, { at: 2, ok: 5 }] } // prettier-ignore
  const after = { ...before, vitals: { waiting: { value: 4, series: [1, 2] } }, pulse: [{ at: 1, ok: 1 }, { at: 2, ok: 6 }] } // prettier-ignore
  expect(patchOf(before, after)).toEqual({ vitals: { waiting: { value: 4 } }, pulse: { 1: { ok: 6 } } })
})

test('rows that are the same have nothing to tell', () => {
  expect(patchOf({ list: [{ a: null }] }, { list: [{ a: null }] })).toBeUndefined()
})

test.each([
  [{ needs: [{ kind: 'a', alert: { id: 1 } }] }, { needs: [{ kind: 'b' }] }],
  [{ needs: [1, 2] }, { needs: [] }],
  [{ pause: null }, { pause: { by: 'ada' } }],
  [{ pause: { by: 'ada', reason: 'x' } }, { pause: null }],
  [{ pause: { by: 'ada', reason: 'x' } }, { pause: { by: 'bob' } }],
  [{ a: 1, b: 2 }, { a: 1 }],
  [{ a: [1] }, { a: { 0: 1 } }],
  [{ a: { 0: 1 } }, { a: [1] }],
  [
    { a: 1, b: undefined },
    { a: 2, b: undefined },
  ],
  [{ list: [[1, 2], [3]] }, { list: [[1, 5], [3]] }],
  [{ a: 1 }, { a: 1, b: { c: [{ d: 1 }] } }],
  [
    { a: 1, b: { c: 1 } },
    { a: 1, b: JSON.parse('{"c":1,"__proto__":2}') as object },
  ],
])('what is put into %j makes %j', (before, after) => {
  const topic = emptyTopic()
  takeSnapshot(topic, 'e', 0, { row: before })
  const patch = patchOf(before, after)
  takeChange(topic, patch === 'whole' ? { seq: 1, set: { row: after }, del: [], patch: {} } : { seq: 1, set: {}, del: [], patch: { row: patch } }) // prettier-ignore
  expect(topic.rows.get('row')).toEqual(after)
})
