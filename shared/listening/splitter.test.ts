import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { splitter } from './splitter.ts'
import type { Format } from './splitter.ts'

const whole = (bytes: Uint8Array) => [bytes]

const split = (text: string, format: Format = 'array', cutUp: (bytes: Buffer) => Uint8Array[] = whole) => {
  const bytes = Buffer.from(text)
  const found: { text: string; line: number }[] = []
  const sink = {
    record: (start: number, end: number, line: number) =>
      found.push({ text: bytes.toString('utf8', start, end), line }),
    opened: () => {},
  }
  const records = splitter(format, { offset: 0, line: 1, open: false }, sink)
  for (const block of cutUp(bytes)) records.push(block)
  return { ...records.finish(), found, texts: found.map((record) => record.text) }
}

/** Blocks whose lengths come from `sizes`, over and over. */
const blocksOf = (sizes: number[]) => (bytes: Buffer) => {
  const blocks: Uint8Array[] = []
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] as number
    blocks.push(bytes.subarray(at, at + size))
    at += size
  }
  return blocks
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 })
const indent = fc.constantFrom(undefined, 1, 2, '\t')

describe('an array', () => {
  test('is split into the very values JSON.parse finds, however it is spaced and wherever blocks end', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 20 }), indent, sizes, (values, space, lengths) => {
        const text = JSON.stringify(values, null, space)
        const { texts, cut, open } = split(text, 'array', blocksOf(lengths))
        expect(texts.map((record) => JSON.parse(record) as unknown)).toEqual(JSON.parse(text))
        expect({ cut, open }).toEqual({ cut: false, open: false })
      }),
      { numRuns: 500 },
    )
  })

  test('tells the line on which each record begins', () => {
    const { found } = split('[\r\n {"a":1},\n\n {"b":\n2},{"c":3}\n]')
    expect(found.map((record) => record.line)).toEqual([2, 4, 5])
  })

  test('any bytes at all are split without a record lost or doubled by the ends of blocks', () => {
    const noise = fc.array(fc.constantFrom('[', ']', '{', '}', ',', ':', '"', '\\', '\n', ' ', 'a', 'é'), {
      maxLength: 60,
    })
    fc.assert(
      fc.property(noise, sizes, (parts, lengths) => {
        const text = parts.join('')
        expect(split(text, 'array', blocksOf(lengths))).toEqual(split(text))
        expect(split(text, 'ndjson', blocksOf(lengths))).toEqual(split(text, 'ndjson'))
      }),
      { numRuns: 1_000 },
    )
  })

  test('cut anywhere keeps its whole records and reports the one cut in two', () => {
    const records = ['{"a":"x]y,{z"}', '{"b":[1,{"c":2}]}', '{"d":"\\"}"}']
    const text = `[${records.join(',')}]`
    for (let length = 1; length < text.length; length++) {
      const { texts, cut, open } = split(text.slice(0, length))
      const complete = cut ? texts.slice(0, -1) : texts
      expect(complete).toEqual(records.slice(0, complete.length))
      expect(open).toBe(true)
      if (cut) expect(records[complete.length]?.startsWith(texts.at(-1) as string)).toBe(true)
    }
  })
})

describe('damage costs its own record and not the ones behind it:', () => {
  const good = '{"x":1}'
  test.each([
    ['a missing comma', '[{"a":1} {"x":1}]', ['{"a":1}', good]],
    ['two commas', '[{"a":1},,{"x":1},]', ['{"a":1}', good]],
    ['an unclosed object', '[{"a":1, {"x":1}]', ['{"a":1, ', good]],
    ['an unclosed object after a text', '[{"a":"b"\n {"x":1}]', ['{"a":"b"\n ', good]],
    ['an unclosed string', '[{"a":"b},\n{"x":1}]', ['{"a":"b},\n', good]],
    ['a line end in a string', '[{"a":"b\nc","d":2\n},\n {"x":1}]', ['{"a":"b\nc","d":2\n}', good]],
    ['an escape at the end of a line', '[{"a":"b\\\n},\n{"x":1}]', ['{"a":"b\\\n}', good]],
    ['a word', '[oops, {"x":1}]', ['oops', good]],
    ['a word with a text', '[say "a, b" , {"x":1}]', ['say "a, b" ', good]],
    ['one brace too many', '[{"a":1}}, {"x":1}]', ['{"a":1}', good]],
    ['text behind the end', '[{"x":1}] bye', [good, 'bye']],
  ])('%s', (_name, text, records) => {
    expect(split(text).texts).toEqual(records)
  })

  test('concatenated arrays are one history, marks between them or not', () => {
    expect(split('[{"x":1}]\n\uFEFF[{"x":1},{"x":1}]').texts).toEqual([good, good, good])
  })
})

describe('lines', () => {
  test('are records unless they are blank; the last needs no line end', () => {
    const { found, cut } = split('{"a":1}\r\n\n   \n{"b":2}\n{"c"', 'ndjson')
    expect(found).toEqual([
      { text: '{"a":1}\r', line: 1 },
      { text: '{"b":2}', line: 4 },
      { text: '{"c"', line: 5 },
    ])
    expect(cut).toBe(true)
  })
})
