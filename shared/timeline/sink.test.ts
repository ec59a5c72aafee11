// Of each attempt how it stands, whatever order its pieces come in.
import { expect, test } from 'vitest'
import type { SpanRow } from './contract.ts'
import { SpanRows } from './sink.ts'
import { joinSpans, packSpan } from './spans.ts'

const row = (state: SpanRow['state'], start: number, run: number): SpanRow => ({
  ...{ queue: 'mail', id: 'a', name: 'mail.send', worker: 'w', wait: 0, priority: 1, attempt: 1, backoff: 0 },
  ...{ state, start, run },
})
const wanted = { from: 0, to: Infinity, running: new Set<number>(), ended: () => undefined }

test('an attempt that ended is told by its end, though it was held by a worker whose clock is ahead', () => {
  const pieces = [row('held', 5_900, 10), row('stalled', 2_000, 30), row('completed', 5_000, 40)]
  for (const order of [pieces, pieces.toReversed()]) {
    const rows = new SpanRows()
    for (const piece of order) rows.takePacked('mail', Buffer.from(joinSpans([packSpan(piece)])), wanted)
    expect(rows.rows()).toEqual([row('completed', 5_000, 40)])
  }
})

test('of pieces the newest is told, and what runs over all', () => {
  const rows = new SpanRows()
  const packed = [row('held', 5_000, 10), row('held', 2_000, 10)].map(packSpan)
  expect(rows.takePacked('mail', Buffer.from(joinSpans(packed)), wanted)).toBe(2)
  expect(rows.rows()).toEqual([row('held', 5_000, 10)])
  rows.add(row('running', 5_010, -1))
  expect(rows.rows()).toEqual([row('running', 5_010, -1)])
})
