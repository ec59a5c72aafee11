// Server-sent events must read the same however the network cuts them.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { messageReader, type Message } from './sse-reader.ts'

const stream = (end: string): string =>
  [
    ': hello',
    '',
    'id: 1-0',
    'event: snapshot',
    'data: {"a":1}',
    '',
    'data: two',
    'data: lines',
    '',
    'retry: 500',
    '',
    '',
  ].join(end)

const expected: Message[] = [
  { id: '1-0', data: '{"a":1}' },
  { id: undefined, data: 'two\nlines' },
]

test('messages do not depend on where chunks end or how lines do', () => {
  fc.assert(
    fc.property(fc.constantFrom('\n', '\r\n', '\r'), fc.array(fc.nat(70), { maxLength: 8 }), (end, cuts) => {
      const source = stream(end)
      const read = messageReader()
      const places = [...new Set([0, ...cuts.map((cut) => cut % source.length), source.length])].sort((a, b) => a - b)
      const chunks = places.slice(1).map((to, index) => source.slice(places[index], to))
      expect([...chunks, '\n'].flatMap(read)).toEqual(expected)
    }),
    { numRuns: 300 },
  )
})
