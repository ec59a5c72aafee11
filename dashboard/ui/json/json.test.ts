// The JSON view must agree with JSON.parse about what JSON is, lose no digit, and survive hostile text.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ARRAY, JsonError, OBJECT, readJson, readJsonInParts, type JsonTree } from './tree.ts'
import {
  findNext,
  initiallyClosed,
  keyText,
  pathOf,
  rawValue,
  safeText,
  valueText,
  visibleRows,
  withClosed,
} from './view.ts'

const rebuild = (tree: JsonTree, node = 0): unknown => {
  const kids: number[] = []
  for (let kid = node + 1; kid < (tree.next[node] ?? 0); kid = tree.next[kid] ?? tree.size) kids.push(kid)
  if (tree.kind[node] === ARRAY) return kids.map((kid) => rebuild(tree, kid))
  if (tree.kind[node] !== OBJECT) return JSON.parse(rawValue(tree, node)) as unknown
  return Object.fromEntries(
    kids.map((kid) => [JSON.parse(tree.text.slice(tree.keyFrom[kid], tree.keyTo[kid])), rebuild(tree, kid)]),
  )
}

test('every JSON value comes back as JSON.parse reads it, spaced or not', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(0, 2), (text, indent) => {
      const value: unknown = JSON.parse(text)
      expect(rebuild(readJson(JSON.stringify(value, null, indent)))).toEqual(value)
    }),
    { numRuns: 300 },
  )
})

test('it refuses exactly what JSON.parse refuses', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '1', '-', 'true', ' ', '01') }),
      (text) => {
        const native = (() => {
          try {
            JSON.parse(text)
            return true
          } catch {
            return false
          }
        })()
        const ours = (() => {
          try {
            readJson(text)
            return true
          } catch (error) {
            expect(error).toBeInstanceOf(JsonError)
            return false
          }
        })()
        expect(ours).toBe(native)
      },
    ),
    { numRuns: 500 },
  )
})

test('a number keeps every digit', () => {
  expect(valueText(readJson('{"id":12345678901234567890.1234567890}'), 1)).toBe('12345678901234567890.1234567890')
})

test('ten thousand levels do not overflow the stack', () => {
  const tree = readJson('['.repeat(10_000) + ']'.repeat(10_000))
  expect(tree.size).toBe(10_000)
  expect(pathOf(tree, 3)).toBe('$[0][0][0]')
})

test('invisible and direction-changing characters are written out, long texts cut', () => {
  expect(safeText('a\u202egnp.exe\u0000\u200b')).toBe('a\\u202egnp.exe\\u0000\\u200b')
  expect(safeText('x'.repeat(10_000))).toHaveLength(401)
  expect(keyText(readJson('{"\u202ekey":1}'), 1)).toBe('"\\u202ekey"')
})

test('paths quote the keys that need it', () => {
  const tree = readJson('{"order":{"items":[{"odd key":1}]}}')
  expect(pathOf(tree, 4)).toBe('$.order.items[0]["odd key"]')
})

test('closed containers hide their inside; a large document starts closed below its first level', () => {
  const tree = readJson('{"a":{"b":1},"c":2}')
  expect([...visibleRows(tree, new Set([1]))]).toEqual([0, 1, 3])
  const large = readJson(JSON.stringify({ list: Array.from({ length: 300 }, (_, id) => ({ id })) }))
  expect([...visibleRows(large, initiallyClosed(large))]).toEqual([0, 1])
  expect(valueText(large, 1)).toBe('[ 300 items ]')
})

test('search finds keys and values, goes round, and says when there is nothing', () => {
  const tree = readJson('{"customer":"Ada","list":["x","ADA"]}')
  expect(findNext(tree, 'ada', 0)).toBe(1)
  expect(findNext(tree, 'ada', 1)).toBe(4)
  expect(findNext(tree, 'ada', 4)).toBe(1)
  expect(findNext(tree, 'nobody', 0)).toBe(-1)
  expect(findNext(tree, '', 0)).toBe(-1)
})

test('closing and opening one container leaves the others as they are', () => {
  const closed = withClosed(new Set([1, 2]), 3, true)
  expect([...closed]).toEqual([1, 2, 3])
  expect([...withClosed(closed, 1, false)]).toEqual([2, 3])
})

test('a long text is read part by part, and comes to the same', async () => {
  const text = JSON.stringify(Array.from({ length: 1_100 }, (_, n) => ({ n, text: 'x'.repeat(980) })))
  let pauses = 0
  const tree = await readJsonInParts(text, async () => void (pauses += 1))
  expect(pauses).toBe(Math.floor(text.length / 251_000))
  expect(tree).toEqual(readJson(text))
  await expect(readJsonInParts(`${text}]`, async () => undefined)).rejects.toThrow(JsonError)
})
