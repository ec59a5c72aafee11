// Columns tell attempts by their start, whatever order they came in and however far apart they lie.
import { expect, test } from 'vitest'
import { SpanTable } from './columns.ts'
import type { SpanRow } from './contract.ts'
import { joinSpans, packSpan } from './spans.ts'

const row = (id: string, start: number): SpanRow => ({
  ...{ id, start, queue: 'mail', name: 'mail.send', worker: 'w', wait: 0, run: 5, state: 'completed', priority: 1 },
  ...{ attempt: 1, backoff: 0 },
})
const told = (rows: SpanRow[], limit = 100) => {
  const table = new SpanTable()
  for (const each of rows) table.add(each)
  const { id, base, start, truncated } = table.columns({ from: 0, to: 100, cursor: '0-0' }, limit, () => '').read()
  let at = base
  return { truncated, runs: id.map((name, index) => [name, (at += start[index] ?? 0)]) }
}

test('attempts come by their start, and as they were read where that is the same', () => {
  expect(told([row('c', 30), row('a', 10), row('d', 30), row('b', 20.4)])).toEqual({
    truncated: false,
    runs: [['a', 10], ['b', 20], ['c', 30], ['d', 30]], // prettier-ignore
  })
})

test('the newest stay where there are more than may be told', () => {
  expect(told([row('c', 30), row('a', 10), row('b', 20)], 2)).toEqual({ truncated: true, runs: [['b', 20], ['c', 30]] }) // prettier-ignore
})

test('starts that lie too far apart for one number are in order too', () => {
  const far = Number.MAX_SAFE_INTEGER - 1
  expect(told([row('c', far), row('a', 0), row('b', 1_764_000_000_000)]).runs.map(([id]) => id)).toEqual([
    'a',
    'b',
    'c',
  ])
})

test('nothing is told of nothing', () => {
  expect(told([])).toEqual({ truncated: false, runs: [] })
})

test('packed attempts are told as rows are, and those outside the window are left out with their words', () => {
  const rows = [row('c', 30), { ...row('a"b', 10), state: 'failed' as const, attempt: 2, backoff: 7 }, { ...row('ü', 40), queue: 'sms', run: -1 }] // prettier-ignore
  const [one, other] = [new SpanTable(), new SpanTable()]
  for (const each of rows) one.add(each)
  const wanted = { from: 10, to: 50, running: new Set<number>(), ended: () => undefined }
  const packed = (queue: string, more: SpanRow[]): Uint8Array =>
    Buffer.from(joinSpans([...rows.filter((each) => each.queue === queue), ...more].map(packSpan)))
  expect(
    other.takePacked(
      'mail',
      packed('mail', [row('early', 1), { ...row('late', 51), name: 'sms.send', worker: 'other' }]),
      wanted,
    ),
  ).toBe(2)
  expect(other.takePacked('sms', packed('sms', []), wanted)).toBe(1)
  expect(other.takePacked('push', packed('push', [row('late', 51)]), wanted)).toBe(0)
  const told = (table: SpanTable) => table.columns({ from: 10, to: 50, cursor: '0-0' }, 10, (name) => `of ${name}`).read() // prettier-ignore
  expect(told(other)).toEqual(told(one))
  expect(told(one)).toMatchObject({ id: ['a"b', 'c', 'ü'], queues: ['mail', 'sms'], services: ['of mail.send'] })
})
