// Frames come from outside: a broken one must be nothing, never an exception.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseFrame, readFrame } from './frames.ts'

test('no text and no value makes reading a frame throw', () => {
  fc.assert(
    fc.property(fc.string(), (source) => void parseFrame(source)),
    { numRuns: 200 },
  )
  const types = fc.constantFrom('hello', 'snapshot', 'batch', 'event', 'gap', 'error', 'pong', 'subscribed', 'toString')
  fc.assert(
    fc.property(
      types,
      fc.dictionary(fc.constantFrom('sub', 'topic', 'seq', 'items', 'rows', 'ts', 'id'), fc.jsonValue()),
      (type, rest) => {
        void readFrame({ ...rest, type })
      },
    ),
    { numRuns: 300 },
  )
})

test('a batch is read item by item; a broken item is left out', () => {
  expect(
    readFrame({
      type: 'batch',
      ts: 5,
      items: [
        { sub: 1, topic: 'state:queues', seq: 2, set: { mail: 1 }, del: ['x'] },
        { sub: 1, id: '5-0', event: 'retry:attempt', name: 'error_recovery.retry_attempt', ts: 't', data: { a: 1 } },
        { nonsense: true },
      ],
    }),
  ).toEqual({
    type: 'items',
    at: 5,
    items: [
      { kind: 'delta', sub: 1, topic: 'state:queues', seq: 2, set: { mail: 1 }, del: ['x'] },
      {
        kind: 'event',
        sub: 1,
        id: '5-0',
        event: 'retry:attempt',
        name: 'error_recovery.retry_attempt',
        ts: 't',
        data: { a: 1 },
      },
    ],
  })
})

test('a hello without a heartbeat gets the usual one', () => {
  expect(parseFrame('{"type":"hello","cursor":"1-0","now":"2026-11-22T10:00:00.000Z"}')).toEqual({
    type: 'hello',
    cursor: '1-0',
    epoch: undefined,
    now: Date.UTC(2026, 10, 22, 10),
    heartbeatMs: 20_000,
  })
})
