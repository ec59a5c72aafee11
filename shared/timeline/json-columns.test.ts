// What is written as bytes is the JSON that would have been made of the same texts and numbers.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JsonColumns, JsonTexts } from './json-columns.ts'

const inOrder = (many: number): Uint32Array => Uint32Array.from({ length: many }, (_, at) => at)
const whole = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(0, 9, 10, -1, 999_999_999, 1e9, 2 ** 31, -1e9),
)

test('numbers are told as they are, however large', () => {
  fc.assert(
    fc.property(fc.array(whole), (values) => {
      const bytes = new JsonColumns({ a: 1 }, 0).numbers('n', values, inOrder(values.length)).end()
      expect(JSON.parse(bytes.toString())).toEqual({ a: 1, n: values })
    }),
  )
})

test('steps lead from the base to each number, in the order that was asked for', () => {
  const bytes = new JsonColumns({ a: 1 }, 0).numbers('n', [30, 10, 20], Uint32Array.of(1, 2, 0), 4).end()
  expect(bytes.toString()).toBe('{"a":1,"n":[6,10,10]}')
})

test('texts are told as they are, whether they came as bytes or as texts, and whatever must be escaped in them', () => {
  const texts = fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ minLength: 200, maxLength: 400 })))
  fc.assert(
    fc.property(texts, (all) => {
      const taken = new JsonTexts()
      for (const text of all) {
        const bytes = Buffer.from(` ${text} `)
        taken.take(bytes, 1, bytes.length - 1)
        taken.add(text)
      }
      const order = inOrder(all.length * 2).reverse()
      const written = new JsonColumns({ a: 1 }, 0).texts('t', taken, order).end()
      expect(JSON.parse(written.toString())).toEqual({ a: 1, t: all.flatMap((text) => [text, text]).reverse() })
    }),
  )
})

test('more than there was room for is all there', () => {
  const ids = new JsonTexts()
  const many = inOrder(10_000)
  for (const at of many) ids.add(`${at}`.repeat(9))
  const bytes = new JsonColumns({ a: 1 }, 10).texts('id', ids, many).numbers('at', many, many).end()
  const told = JSON.parse(bytes.toString()) as { id: string[]; at: number[] }
  expect(told.id).toEqual([...many].map((at) => `${at}`.repeat(9)))
  expect(told.at).toEqual([...many])
})
