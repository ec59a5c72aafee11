import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SPAN_STATES } from './contract.ts'
import type { SpanRow } from './contract.ts'
import { joinSpans, packSpan, unpackSpans } from './spans.ts'

const unpacked = (text: string): SpanRow[] => unpackSpans('mail', Buffer.from(text))

const row: fc.Arbitrary<SpanRow> = fc.record({
  queue: fc.constant('mail'),
  id: fc.string().map((text) => text.replaceAll(/[\u001e\u001f]/g, '')),
  name: fc.string().map((text) => text.replaceAll(/[\u001e\u001f]/g, '')),
  worker: fc.string().map((text) => text.replaceAll(/[\u001e\u001f]/g, '')),
  start: fc.nat({ max: 2 ** 45 }),
  wait: fc.nat(),
  run: fc.integer({ min: -1 }),
  state: fc.constantFrom(...SPAN_STATES),
  priority: fc.nat({ max: 3 }),
  attempt: fc.integer({ min: 1, max: 500 }),
  backoff: fc.nat(),
})

test('what was packed is read back as it was, however many are in one entry', () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 1 }), (rows) => {
      expect(unpacked(joinSpans(rows.map(packSpan)))).toEqual(rows)
    }),
  )
})

test('fields a record does not have are the usual ones, and what follows it is read all the same', () => {
  const of = (id: string, start: number): object => ({
    ...{ queue: 'mail', id, name: 'n', worker: '', start, wait: 0, run: 0, state: 'running' },
    ...{ priority: 1, attempt: 1, backoff: 0 },
  })
  expect(unpacked('a\u001fn\u001f\u001f7\u001eb\u001fn')).toEqual([of('a', 7), of('b', 0)])
})

test('fields of a later k1n are passed over, and numbers it writes in another way are read', () => {
  const text = `${packSpan({ queue: 'mail', id: 'a', name: 'n', worker: 'w', start: 5, wait: 1, run: 2, state: 'failed', priority: 2, attempt: 3, backoff: 4 })}\u001fnew\u001e`
  expect(unpacked(`${text}b\u001fn\u001fw\u001f1.5e3`).map(({ start }) => start)).toEqual([5, 1_500])
})
